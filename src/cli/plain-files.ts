import packageJson from '../../package.json' with { type: 'json' };
import { MemorySink } from '../dataset/memory-files.ts';
import type { Environment } from '../environment/environment.ts';
import type { HarvestSummary } from '../run/dataset-service.ts';
import { exportPlainTo } from '../run/export-run.ts';
import { scored } from '../run/old-events.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import { intoPlaces, NodeScratch } from './node-dataset.ts';

/** A run in a folder, to be exported there. */
export interface FolderRun {
	readonly path: string;
	readonly store: RunStore;
	readonly record: RunRecord;
	/** JSON text. */
	readonly pack: string;
	readonly environment: Environment;
}

/** Writes the dataset files of a run, its events and the manifest into its folder, beside what is stored; one scenario at a time is in memory. */
export function writePlainFiles({
	path,
	store,
	record,
	pack,
	environment
}: FolderRun): Promise<HarvestSummary> {
	const run = {
		store: scored(store, record, environment),
		record,
		environment,
		pack: async () => pack,
		madeBy: { name: 'joshtree', version: packageJson.version },
		scratch: () => NodeScratch.create()
	};
	// Record and pack are in the folder already.
	return intoPlaces(path, (sink) => exportPlainTo(run, { sink, runSink: new MemorySink() }));
}
