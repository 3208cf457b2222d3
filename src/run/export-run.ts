import { writeJson, type JsonObject } from '../base/json.ts';
import type { EnvironmentFacts } from '../environment/environment.ts';
import type { TargetModel } from '../dataset/check/check.ts';
import { columnNotes } from '../dataset/check/column-notes.ts';
import { ColumnCheck, type PrefixReport } from '../dataset/check/prefix-check.ts';
import { SelfCheck, type CheckReport } from '../dataset/check/self-check.ts';
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
import type { BlobSink, DatasetSink, ScratchFile } from '../dataset/sink.ts';
import type { DatasetSummary } from '../dataset/summary.ts';
import { leftOutOf, lostIn } from '../dataset/told.ts';
import { readGguf } from '../models/wllama/gguf.ts';
import { eventSchema } from '../search/events.ts';
import { searchId } from '../search/run.ts';
import { plainEvents } from '../store/run-files.ts';
import type { RunRecord } from '../store/run-store.ts';
import type { DatasetChoices, HarvestSummary, PlainExport, TargetChoice } from './dataset-service.ts';
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

/** Which files are made of a run, and how they lie. */
export interface ExportPreset<Report extends ManifestInput['report'] = ManifestInput['report']> {
	readonly job: Pick<DatasetJob, 'layout' | 'formats' | 'curation' | 'thoughts' | 'check' | 'columns'>;
	readonly paths: { readonly events: string; readonly manifest: string };
	/** What the job's check found. */
	readonly report: () => Report;
	/** Writes what trainers and people read beside the rows. */
	readonly beside?: (
		run: StoredRun,
		written: { readonly summary: DatasetSummary; readonly report: Report },
		sink: DatasetSink
	) => Promise<void>;
}

/**
 * The three plain files, as the published code would have them, beside the events. Only the manifest knows which run it was; everything
 * else is the same for equal searches.
 */
export function plainPreset(): ExportPreset<Pick<CheckReport, 'columns'>> {
	const columns = new ColumnCheck();
	return {
		job: { layout: 'plain', formats: plainFormats, curation: plainCuration, columns },
		paths: { events: plainEvents, manifest: 'manifest.json' },
		report: () => ({ columns: columns.report() })
	};
}

/** The dataset folder; see `dataset/folder.ts`. */
export async function folderPreset(
	{ formats, curation, thoughts, target }: DatasetChoices,
	embedded: () => Promise<TargetModel>
): Promise<ExportPreset<CheckReport>> {
	const choices = { formats: formatsOf(formats), curation, ...(thoughts && { thoughts }) };
	const model = target ? await targetOf(target) : await embedded();
	const check = new SelfCheck(model, target !== undefined, thoughts);
	return {
		job: { layout: 'folder', ...choices, check },
		paths: runFolder,
		report: () => check.report(),
		beside: async ({ madeBy, record, environment }, { summary, report }, sink) => {
			for (const { settings } of report.commands)
				if (settings) await writeText(sink, settings.path, 'application/yaml', settings.text);
			const card = cardText({ ...choices, summary, madeBy, record, report, environment });
			await writeText(sink, 'README.md', 'text/markdown', card);
		}
	};
}

export interface ExportTarget {
	/** Absent if the files are only looked at. */
	readonly sink?: DatasetSink;
	/** Takes what makes the events a run again where it is not among the files that the manifest vouches for. */
	readonly runSink?: DatasetSink;
	readonly onProgress?: (progress: DatasetProgress) => void;
	readonly signal?: AbortSignal;
}

/**
 * Makes files of what is stored of a run. Scenarios of which something is lost give no examples.
 * @throws an `AbortError` after `signal` aborts
 */
export async function exportRun<Report extends ManifestInput['report']>(
	run: StoredRun,
	{ job, paths, report: found, beside }: ExportPreset<Report>,
	{ sink, runSink, ...watch }: ExportTarget
): Promise<{ readonly summary: HarvestSummary; readonly report: Report }> {
	const ledger = sink && new Ledger(sink);
	const summary = await writeDataset({
		...job,
		...watch,
		searches: () => searchesOf(run),
		...ratingsOf(run),
		...(ledger && { sink: ledger }),
		scratch: await run.scratch()
	});
	const report = found();
	if (!ledger) return { summary: harvestSummary(run, summary, summary.tokens.completion), report };
	await beside?.(run, { summary, report }, ledger);
	await writeRecord(run, summary, runSink ?? ledger);
	const tokens = await writeEvents(run, ledger, paths.events, watch.signal);
	const manifest = manifestOf(run, { ...job, report }, summary, ledger);
	await writeText(ledger, paths.manifest, 'application/json', manifest);
	return { summary: harvestSummary(run, summary, tokens), report };
}

/**
 * The plain files.
 * @param files takes them
 */
export async function exportPlain(run: StoredRun, files: BlobSink): Promise<PlainExport> {
	// Record and pack belong to the archive.
	const summary = await exportPlainTo(run, { sink: files, runSink: new MemorySink() });
	return { files: files.files, summary };
}

/** Writes the plain files and what makes their events a run again. */
export async function exportPlainTo(run: StoredRun, target: ExportTarget): Promise<HarvestSummary> {
	const { summary, report } = await exportRun(run, plainPreset(), target);
	return { ...summary, columns: warnings(report.columns) };
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
