import { curate } from './curation/plan.ts';
import type { CurationOptions, ExampleNote, Rating } from './curation/curation.ts';
import type { SelfCheck } from './check/self-check.ts';
import { nameOf, noteOf } from './curation/note.ts';
import { examplesOf, type FinishedSearch, type Harvest, type TrainingExample } from './examples.ts';
import type { DatasetFormat } from './format.ts';
import { jsonLine } from './json-line.ts';
import { writeFile, writeText } from './ledger.ts';
import type { DatasetSink, ScratchFile } from './sink.ts';
import { Tally, type DatasetSummary } from './summary.ts';
import { WaitingRows } from './waiting-rows.ts';

export interface DatasetJob {
	/** Read twice: first to see what there is, then to write it. In the order of the configuration; one is in memory at a time. */
	readonly searches: () => AsyncIterable<FinishedSearch> | Iterable<FinishedSearch>;
	readonly formats: readonly DatasetFormat[];
	/** `plain`: one file for each format, even an empty one. `folder`: as `folder.ts` says, without empty files. */
	readonly layout: 'plain' | 'folder';
	readonly curation: CurationOptions;
	/** What a person said of a scenario's conversation. */
	readonly ratings?: ReadonlyMap<string, Rating>;
	/** Looks at every example and row; what it refuses is left out. */
	readonly check?: SelfCheck;
	/** Absent if the dataset is only looked at. */
	readonly sink?: DatasetSink;
	/** Where rows wait; removed in the end. */
	readonly scratch: ScratchFile;
	readonly onProgress?: (progress: DatasetProgress) => void;
	readonly signal?: AbortSignal;
}

export interface DatasetProgress {
	readonly step: 'reading' | 'arranging' | 'writing';
	/** Scenarios read, or files written; the total is not known where a job does not say it. */
	readonly done: number;
}

/**
 * Writes searches down as dataset files; returns the counts. Equal searches in equal order give equal bytes: no line holds a clock, a
 * run's id, a number of workers or a figure of a cache. A row that a trainer would stumble over is left out and named in the summary.
 * Memory grows by a few hundred bytes an example.
 */
export async function writeDataset(job: DatasetJob): Promise<DatasetSummary> {
	const { formats, layout, sink, scratch, check } = job;
	try {
		const tally = new Tally(layout === 'plain' ? formats.map(({ fileName }) => fileName) : []);
		const { scenarios, ranks, notes } = await planRows(job, tally);
		const rows = new WaitingRows(scratch);
		if (layout === 'plain') for (const { fileName } of formats) rows.begin(fileName);
		let number = 0;
		let read = 0;
		for await (const search of job.searches()) {
			job.signal?.throwIfAborted();
			if (!scenarios.has(search.scenario.id)) continue;
			for (const example of examplesIn(harvestOf(search, job))) {
				const rank = ranks[number]!;
				const { split } = notes[number]!;
				number++;
				if (rank === leftOut) continue;
				const refusal = check?.example(example, search.environment.tools, split);
				if (refusal !== undefined) {
					tally.leftOut(nameOf(example), refusal);
					continue;
				}
				const pathOf = (format: DatasetFormat) =>
					layout === 'plain' ? format.fileName : format.pathOf(split);
				await addRows(example, search, { formats, pathOf, rank, rows, tally });
			}
			job.onProgress?.({ step: 'arranging', done: ++read });
		}

		let written = 0;
		for (const path of rows.paths) {
			job.signal?.throwIfAborted();
			const pieces = rows.pieces(path, (line) => check?.row(path, line));
			if (sink) await writeFile(sink, path, 'application/jsonl', pieces);
			else for await (const _ of pieces);
			job.onProgress?.({ step: 'writing', done: ++written });
		}
		const summary = tally.summary();
		for (const format of formats) {
			for (const { name, mediaType, text } of format.sideFiles(summary))
				if (sink) await writeText(sink, name, mediaType, text);
		}
		return summary;
	} finally {
		await scratch.dispose();
	}
}

/** In `ranks`: the example is written nowhere. */
const leftOut = 0xffff_ffff;

interface RowPlan {
	/** Those that were done at the first reading; others may have ended since. */
	readonly scenarios: ReadonlySet<string>;
	readonly notes: readonly ExampleNote[];
	/** By an example's number, its place among the rows. */
	readonly ranks: Uint32Array;
}

async function planRows(job: DatasetJob, tally: Tally): Promise<RowPlan> {
	const { curation } = job;
	const scenarios = new Set<string>();
	const notes: ExampleNote[] = [];
	for await (const search of job.searches()) {
		job.signal?.throwIfAborted();
		const { tree, scenario } = search;
		if (!tree.done) {
			tally.unfinished();
			continue;
		}
		const harvest = harvestOf(search, job);
		tally.finished(tree, harvest);
		scenarios.add(scenario.id);
		for (const example of examplesIn(harvest)) notes.push(await noteOf(example, curation));
		job.onProgress?.({ step: 'reading', done: scenarios.size });
	}
	const plan = curate(notes, curation);
	for (const [number, reason] of plan.leftOut) tally.leftOut(notes[number]!.name, reason);
	const ranks = new Uint32Array(notes.length).fill(leftOut);
	for (const [rank, number] of plan.order.entries()) ranks[number] = rank;
	return { scenarios, notes, ranks };
}

function harvestOf(search: FinishedSearch, { curation, ratings }: DatasetJob): Harvest {
	return examplesOf(search, curation, ratings?.get(search.scenario.id));
}

function examplesIn(harvest: Harvest): readonly TrainingExample[] {
	if ('none' in harvest) return [];
	const { sft, kto, dpo } = harvest.examples;
	return [...sft, ...kto, ...dpo];
}

interface RowTarget {
	readonly formats: readonly DatasetFormat[];
	readonly pathOf: (format: DatasetFormat) => string;
	readonly rank: number;
	readonly rows: WaitingRows;
	readonly tally: Tally;
}

async function addRows(
	example: TrainingExample,
	{ environment }: FinishedSearch,
	{ formats, pathOf, rank, rows, tally }: RowTarget
): Promise<void> {
	let isWritten = false;
	for (const format of formats) {
		if (!format.kinds.includes(example.kind)) continue;
		for (const outcome of format.encode(example, { tools: environment.tools })) {
			if ('problem' in outcome) {
				tally.leftOut(nameOf(example), `${format.id}: ${outcome.problem}`);
				continue;
			}
			isWritten = true;
			const path = pathOf(format);
			tally.line(path);
			await rows.add(path, rank, jsonLine(outcome.row));
		}
	}
	if (isWritten) tally.wrote(example);
}
