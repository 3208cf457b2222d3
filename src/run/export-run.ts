import { writeJson, type JsonObject } from '../base/json.ts';
import type { EnvironmentFacts } from '../environment/environment.ts';
import type { TargetModel } from '../dataset/check/check.ts';
import { columnNotes } from '../dataset/check/column-notes.ts';
import { ColumnCheck, type PrefixReport } from '../dataset/check/prefix-check.ts';
import { SelfCheck } from '../dataset/check/self-check.ts';
import { targetFromFiles } from '../dataset/check/target-files.ts';
import { targetFromGguf } from '../dataset/check/target-gguf.ts';
import { plainCuration } from '../dataset/curation/curation.ts';
import {
	writeDataset,
	type DatasetJob,
	type DatasetProgress,
	type DatasetSearch
} from '../dataset/dataset.ts';
import { cardText } from '../dataset/card.ts';
import { runFolder } from '../dataset/folder.ts';
import type { DatasetFormat } from '../dataset/format.ts';
import { datasetFormats, plainFormats } from '../dataset/formats/index.ts';
import { jsonLine } from '../dataset/json-line.ts';
import { Ledger, writeFile, writeText } from '../dataset/ledger.ts';
import { manifestText, type ManifestInput } from '../dataset/manifest.ts';
import { MemorySink } from '../dataset/memory-files.ts';
import type { DatasetSink, ScratchFile } from '../dataset/sink.ts';
import type { DatasetSummary } from '../dataset/summary.ts';
import { leftOutOf, lostIn } from '../dataset/told.ts';
import { readGguf } from '../models/wllama/gguf.ts';
import { eventSchema } from '../search/events.ts';
import { searchId } from '../search/run.ts';
import { plainEvents } from '../store/run-files.ts';
import type { RunRecord } from '../store/run-store.ts';
import type {
	DatasetChoices,
	DatasetOutcome,
	HarvestSummary,
	PlainExport,
	TargetChoice
} from './dataset-service.ts';
import { storedSearches, type SearchStore } from './stored-searches.ts';

/** A run that is read. */
export interface StoredRun {
	/** Events of the present schema; see `scored`. */
	readonly store: SearchStore;
	readonly record: RunRecord;
	readonly environment: EnvironmentFacts;
	/** Reads the JSON text of its environment pack, which may be large. */
	readonly pack: () => Promise<string>;
	/** What writes the files. */
	readonly madeBy: { readonly name: string; readonly version: string };
	readonly scratch: () => Promise<ScratchFile>;
}

/** A run of which a dataset is made. */
export interface DatasetRun extends StoredRun {
	/** The model that comes with the app: rows are tried with it unless another is chosen. */
	readonly embedded: () => Promise<TargetModel>;
}

/**
 * The three plain dataset files of what is stored of a run, its events and the manifest. Only the manifest knows which run it was;
 * everything else is the same for equal searches. Scenarios of which something is lost give no examples.
 */
export async function exportRun(run: StoredRun): Promise<PlainExport> {
	const sink = new MemorySink();
	const ledger = new Ledger(sink);
	const choices = { formats: plainFormats, curation: plainCuration };
	const check = new ColumnCheck();
	const summary = await writeDataset({
		...choices,
		searches: () => searchesOf(run),
		layout: 'plain',
		...ratingsOf(run),
		columns: check,
		sink: ledger,
		scratch: await run.scratch()
	});
	const tokens = await writeEvents(run, ledger, plainEvents);
	const columns = check.report();
	const manifest = manifestOf(run, { ...choices, report: { columns } }, summary, ledger);
	await writeText(sink, 'manifest.json', 'application/json', manifest);
	const own = new MemorySink();
	await writeRecord(run, summary, own);
	return {
		files: sink.files,
		run: own.files,
		summary: { ...harvestSummary(run, summary, tokens), columns: warnings(columns) }
	};
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
	{ formats: ids, curation, thoughts, target }: DatasetChoices,
	{ sink, ...watch }: DatasetTarget
): Promise<DatasetOutcome> {
	const { record } = run;
	const choices = { formats: formatsOf(ids), curation, ...(thoughts && { thoughts }) };
	const check = new SelfCheck(
		target ? await targetOf(target) : await run.embedded(),
		target !== undefined,
		thoughts
	);
	const ledger = sink && new Ledger(sink);
	const summary = await writeDataset({
		...choices,
		...watch,
		searches: () => searchesOf(run),
		layout: 'folder',
		...ratingsOf(run),
		check,
		...(ledger && { sink: ledger }),
		scratch: await run.scratch()
	});
	const report = check.report();
	if (!ledger) return { summary: harvestSummary(run, summary, summary.tokens.completion), report };
	for (const { settings } of report.commands)
		if (settings) await writeText(ledger, settings.path, 'application/yaml', settings.text);
	await writeRecord(run, summary, ledger);
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
	const manifest = manifestOf(run, { ...choices, report }, summary, ledger);
	await writeText(ledger, runFolder.manifest, 'application/json', manifest);
	return { summary: harvestSummary(run, summary, tokens), report };
}

function warnings(columns: readonly PrefixReport[]): string[] {
	return columns.flatMap(columnNotes).flatMap(({ isWarning, text }) => (isWarning ? [text] : []));
}

function ratingsOf({ record: { ratings } }: StoredRun): Pick<DatasetJob, 'ratings'> {
	return ratings ? { ratings: new Map(Object.entries(ratings)) } : {};
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

async function* searchesOf({ store, record, environment }: StoredRun): AsyncGenerator<DatasetSearch> {
	const strays = await store.strays(record.id);
	if (strays.length > 0) yield { lost: strays };
	for await (const search of storedSearches(store, record, environment)) {
		if ('damage' in search) yield { lost: search.damage, scenario: search.id };
		else {
			const { scenario, trial, tree } = search;
			yield { environment, scenario, agent: record.config.agent, tree, ...(trial > 0 && { trial }) };
		}
	}
}

/** What makes the events beside it a run again. */
async function writeRecord(run: StoredRun, { damage }: DatasetSummary, sink: DatasetSink): Promise<void> {
	// What is lost can be searched again from the events before it.
	const { origin } = run.record;
	const upToDate = { ...run.record, origin: { ...origin, eventSchema } };
	const record = damage.length > 0 ? { ...upToDate, status: 'unfinished' } : upToDate;
	await writeText(sink, runFolder.record, 'application/json', `${writeJson(record, '  ')}\n`);
	await writeText(sink, runFolder.pack, 'application/json', await run.pack());
}

/** Writes all events that are good for something, of searches that are not done, too; returns how many tokens were written in them. */
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
			const { history, trial } = search;
			const id = searchId('damage' in search ? search.id : search.scenario.id, trial);
			for (const event of history) tokens += event.tokens.completion;
			const lines = history.map((event) => jsonLine({ ...id, event: event as unknown as JsonObject }));
			yield encoder.encode(lines.join(''));
		}
	}
	await writeFile(sink, path, 'application/jsonl', pieces());
	return tokens;
}

function manifestOf(
	{ record: { id, createdAt, config, origin, warnings }, environment: { tools }, madeBy }: StoredRun,
	choices: Pick<ManifestInput, 'formats' | 'curation' | 'thoughts' | 'report'>,
	summary: DatasetSummary,
	{ files }: Ledger
): string {
	const input: ManifestInput = {
		madeBy,
		run: { id, createdAt },
		config,
		origin,
		...(warnings && { warnings }),
		tools,
		...choices,
		summary,
		files
	};
	return manifestText(input);
}

function harvestSummary({ record }: StoredRun, summary: DatasetSummary, written: number): HarvestSummary {
	const { scenarios, withoutGoals, unknown, meanReward, successRate, examples, tokens } = summary;
	const seconds = record.activeMilliseconds / 1000;
	const tokensPerSecond = seconds > 0 ? written / seconds : 0;
	const { scenariosAsked } = record.config;
	return {
		scenarios,
		...(scenariosAsked !== undefined && { scenariosAsked }),
		withoutGoals,
		unknown,
		meanReward,
		successRate,
		examples,
		tokens,
		tokensPerSecond,
		lost: lostIn(summary),
		leftOut: leftOutOf(summary),
		columns: []
	};
}
