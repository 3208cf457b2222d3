import { writeJson, type JsonObject } from '../base/json.ts';
import type { Environment } from '../environment/environment.ts';
import type { TargetModel } from '../harvest/check/check.ts';
import { SelfCheck } from '../harvest/check/self-check.ts';
import { targetFromFiles } from '../harvest/check/target-files.ts';
import { targetFromGguf } from '../harvest/check/target-gguf.ts';
import { plainCuration } from '../harvest/curation/curation.ts';
import { writeDataset, type DatasetProgress } from '../harvest/dataset.ts';
import { cardText } from '../harvest/card.ts';
import type { FinishedSearch } from '../harvest/examples.ts';
import { runFolder } from '../harvest/folder.ts';
import type { DatasetFormat } from '../harvest/format.ts';
import { datasetFormats, plainFormats } from '../harvest/formats/index.ts';
import { jsonLine } from '../harvest/json-line.ts';
import { Ledger, writeFile, writeText } from '../harvest/ledger.ts';
import { manifestText, type ManifestInput } from '../harvest/manifest.ts';
import { MemorySink } from '../harvest/memory-files.ts';
import type { DatasetSink, ScratchFile } from '../harvest/sink.ts';
import type { DatasetSummary } from '../harvest/summary.ts';
import { readGguf } from '../models/wllama/gguf.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import type {
	DatasetChoices,
	DatasetOutcome,
	ExportedFile,
	HarvestSummary,
	TargetChoice
} from './run-service.ts';
import { storedSearches } from './stored-searches.ts';

/** A run that is read. */
export interface StoredRun {
	readonly store: Pick<RunStore, 'events'>;
	readonly record: RunRecord;
	readonly environment: Environment;
	/** What writes the files. */
	readonly madeBy: { readonly name: string; readonly version: string };
	readonly scratch: () => Promise<ScratchFile>;
}

/** A run of which a dataset is made. */
export interface DatasetRun extends StoredRun {
	/** Reads the JSON text of its environment pack, which may be large. */
	readonly pack: () => Promise<string>;
	/** The model that comes with the app: rows are tried with it unless another is chosen. */
	readonly embedded: () => Promise<TargetModel>;
}

/**
 * The three plain dataset files of what is stored of a run, its events and the manifest. Only the manifest knows which run it was;
 * everything else is the same for equal searches. Scenarios whose events are damaged are left out.
 */
export async function exportRun(
	run: StoredRun
): Promise<{ readonly files: readonly ExportedFile[]; readonly summary: HarvestSummary }> {
	const sink = new MemorySink();
	const ledger = new Ledger(sink);
	const choices = { formats: plainFormats, curation: plainCuration };
	const summary = await writeDataset({
		...choices,
		searches: () => searchesOf(run),
		layout: 'plain',
		sink: ledger,
		scratch: await run.scratch()
	});
	const tokens = await writeEvents(run, ledger, 'events.jsonl');
	await writeText(sink, 'manifest.json', 'application/json', manifestOf(run, choices, summary, ledger));
	return { files: sink.files, summary: harvestSummary(run, summary, tokens) };
}

export interface DatasetTarget {
	/** Absent if the dataset is only looked at. */
	readonly sink?: DatasetSink;
	readonly onProgress?: (progress: DatasetProgress) => void;
	readonly signal?: AbortSignal;
}

/** The whole dataset folder of what is stored of a run; see `harvest/folder.ts`. */
export async function exportDataset(
	run: DatasetRun,
	{ formats: ids, curation, target }: DatasetChoices,
	{ sink, ...watch }: DatasetTarget
): Promise<DatasetOutcome> {
	const { record } = run;
	const choices = { formats: formatsOf(ids), curation };
	const check = new SelfCheck(target ? await targetOf(target) : await run.embedded(), target !== undefined);
	const ledger = sink && new Ledger(sink);
	const summary = await writeDataset({
		...choices,
		...watch,
		searches: () => searchesOf(run),
		layout: 'folder',
		...(record.ratings && { ratings: new Map(Object.entries(record.ratings)) }),
		check,
		...(ledger && { sink: ledger }),
		scratch: await run.scratch()
	});
	const report = check.report();
	if (!ledger) return { summary: harvestSummary(run, summary, summary.tokens.completion), report };
	for (const { settings } of report.commands)
		if (settings) await writeText(ledger, settings.path, 'application/yaml', settings.text);
	await writeText(ledger, runFolder.record, 'application/json', `${writeJson(record, '  ')}\n`);
	await writeText(ledger, runFolder.pack, 'application/json', await run.pack());
	const tokens = await writeEvents(run, ledger, runFolder.events, watch.signal);
	const card = cardText({
		...choices,
		summary,
		madeBy: run.madeBy,
		record,
		report,
		environment: run.environment
	});
	await writeText(ledger, 'README.md', 'text/markdown', card);
	const manifest = manifestOf(run, choices, summary, ledger);
	await writeText(ledger, runFolder.manifest, 'application/json', manifest);
	return { summary: harvestSummary(run, summary, tokens), report };
}

/** @throws {TargetError} if the files cannot be used */
export async function targetOf(choice: TargetChoice): Promise<TargetModel> {
	if (choice.kind === 'files') return targetFromFiles(choice.name || 'the chosen model', choice.files);
	return targetFromGguf((await readGguf(choice.file)).metadata);
}

/** @throws {RangeError} that names the ids there are */
export function formatsOf(ids: readonly string[]): DatasetFormat[] {
	return ids.map((id) => {
		const format = datasetFormats.get(id);
		if (format) return format;
		throw new RangeError(
			`There is no dataset format "${id}"; there are ${[...datasetFormats.keys()].join(', ')}.`
		);
	});
}

async function* searchesOf({ store, record, environment }: StoredRun): AsyncGenerator<FinishedSearch> {
	for await (const search of storedSearches(store, record, environment)) {
		if ('failure' in search) continue;
		yield { environment, scenario: search.scenario, tree: search.tree };
	}
}

/** Writes all events, of searches that are not done, too; returns how many tokens were written in them. */
async function writeEvents(
	{ store, record, environment }: StoredRun,
	sink: DatasetSink,
	path: string,
	signal?: AbortSignal
): Promise<number> {
	let tokens = 0;
	const encoder = new TextEncoder();
	async function* pieces(): AsyncGenerator<Uint8Array> {
		for await (const search of storedSearches(store, record, environment)) {
			signal?.throwIfAborted();
			if ('failure' in search) continue;
			const { scenario, history } = search;
			for (const event of history) tokens += event.tokens.completion;
			const lines = history.map((event) =>
				jsonLine({ scenario: scenario.id, event: event as unknown as JsonObject })
			);
			yield encoder.encode(lines.join(''));
		}
	}
	await writeFile(sink, path, 'application/jsonl', pieces());
	return tokens;
}

function manifestOf(
	{ record: { id, createdAt, config, origin }, environment: { tools }, madeBy }: StoredRun,
	choices: Pick<ManifestInput, 'formats' | 'curation'>,
	summary: DatasetSummary,
	{ files }: Ledger
): string {
	const input: ManifestInput = {
		madeBy,
		run: { id, createdAt },
		config,
		origin,
		tools,
		...choices,
		summary,
		files
	};
	return manifestText(input);
}

function harvestSummary(
	{ record }: StoredRun,
	{ scenarios, meanReward, successRate, examples, tokens }: DatasetSummary,
	written: number
): HarvestSummary {
	const seconds = record.activeMilliseconds / 1000;
	const tokensPerSecond = seconds > 0 ? written / seconds : 0;
	return { scenarios, meanReward, successRate, examples, tokens, tokensPerSecond };
}
