import { openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../scripts/flags.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import { runFolder } from '../harvest/folder.ts';
import type { StoredRun } from '../run/export-run.ts';
import { FolderStore } from '../store/folder-store.ts';
import { readRunFiles, unzipTexts, type RunFiles } from '../store/run-files.ts';
import type { RunStore, ScenarioEvent } from '../store/run-store.ts';
import { NodeFiles } from './node-files.ts';

/** A run that is only read, wherever it lies. */
export type OpenedRun = Pick<StoredRun, 'store' | 'record' | 'environment'> & { readonly pack: string };

/**
 * The run in a run's folder, a dataset folder or an archive of one.
 * @throws {UsageError} if there is none
 * @throws {StoreError} if it is damaged
 */
export async function openRun(path: string): Promise<OpenedRun> {
	const kind = await stat(path).catch(() => undefined);
	if (!kind) throw new UsageError(`--run: there is nothing at ${path}.`);
	if (kind.isFile()) {
		const texts = await unzipTexts(await openAsBlob(path), Object.values(runFolder));
		return fromFiles(await readRunFiles((file) => texts.get(file)));
	}
	const inFolder = (file: string) =>
		readFile(join(path, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
			if (error.code === 'ENOENT') return undefined;
			throw error;
		});
	if ((await inFolder(runFolder.record)) !== undefined) return fromFiles(await readRunFiles(inFolder));
	return fromStore(path);
}

async function fromFiles({ record, pack, events }: RunFiles): Promise<OpenedRun> {
	const byScenario = new Map<string, ScenarioEvent[]>();
	for (const one of events) {
		const list = byScenario.get(one.scenario);
		if (list) list.push(one);
		else byScenario.set(one.scenario, [one]);
	}
	const store: Pick<RunStore, 'events'> = {
		events: async (_id, scenario) => (scenario === undefined ? [...events] : (byScenario.get(scenario) ?? []))
	};
	return { store, record, pack, environment: await loadEnvironment(pack, 'stored') };
}

async function fromStore(path: string): Promise<OpenedRun> {
	const store = new FolderStore(new NodeFiles(path));
	const [record, ...others] = await store.list();
	if (!record || others.length > 0)
		throw new UsageError(`--run: ${path} holds ${others.length + (record ? 1 : 0)} runs, not one.`);
	const pack = await store.pack(record.origin.pack.hash);
	if (pack === undefined)
		throw new UsageError(`--run: ${path} lacks its environment pack ${record.origin.pack.hash}.`);
	return { store, record, pack, environment: await loadEnvironment(pack, 'stored') };
}
