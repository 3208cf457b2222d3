import type { ColumnCheck } from './check/prefix-check.ts';
import type { SelfCheck } from './check/self-check.ts';
import type { CurationOptions, Rating } from './curation/curation.ts';
import { objectionToRating } from './curation/filters.ts';
import { noteOf, type KeyOf } from './curation/note.ts';
import { Notes } from './curation/notes.ts';
import { curate } from './curation/plan.ts';
import { examplesOf, type ScenarioTree, type Harvest, type TrainingExample } from '../harvest/examples.ts';
import { splits, type DatasetFormat, type DatasetSplit, type SideFile } from './format.ts';
import { jsonLine } from './json-line.ts';
import { writeFile, writeText } from './ledger.ts';
import type { DatasetSink, ScratchFile } from './sink.ts';
import { Tally, type DatasetSummary, type ThoughtPlaces } from './summary.ts';
import { thoughtsIn, withoutThoughts, type ThoughtMember } from './thoughts.ts';
import { WaitingRows } from './waiting-rows.ts';

export interface DatasetJob {
	/**
	 * Read twice: first to see what there is, then to write it. Each scenario once, in the order of the configuration; one is in memory
	 * at a time.
	 */
	readonly searches: () => AsyncIterable<DatasetSearch> | Iterable<DatasetSearch>;
	readonly formats: readonly DatasetFormat[];
	/** `plain`: one file for each format, even an empty one. `folder`: as `folder.ts` says, without empty files. */
	readonly layout: 'plain' | 'folder';
	readonly curation: CurationOptions;
	/** What rows call the thoughts of the agent; absent if they are left out. */
	readonly thoughts?: ThoughtMember;
	/** What a person said of a scenario's conversation. */
	readonly ratings?: ReadonlyMap<string, Rating>;
	/** Looks at every example; what it refuses is left out. */
	readonly check?: SelfCheck;
	/** Looks at every row. The self-check does so, too. */
	readonly columns?: Pick<ColumnCheck, 'row'>;
	/** Absent if the dataset is only looked at. */
	readonly sink?: DatasetSink;
	/** Where rows wait; removed in the end. */
	readonly scratch: ScratchFile;
	readonly onProgress?: (progress: DatasetProgress) => void;
	readonly signal?: AbortSignal;
}

/** A search, or what is lost of one; without a scenario, of the run. */
export type DatasetSearch = ScenarioTree | { readonly lost: readonly string[]; readonly scenario?: string };

/** Names a search among those of a job. */
function keyOf({ scenario, trial = 0 }: ScenarioTree): string {
	return `${trial} ${scenario.id}`;
}

export interface DatasetProgress {
	readonly step: 'reading' | 'arranging' | 'writing';
	/** Scenarios read, or files written; the total is not known where a job does not say it. */
	readonly done: number;
}

/**
 * Writes searches down as dataset files; returns the counts. Equal searches in equal order give equal bytes: no line holds a clock, a
 * run's id, a number of workers or a figure of a cache. A row that a trainer would stumble over is left out and named in the summary.
 * Memory grows by some hundred bytes an example.
 * @throws an `AbortError` after `signal` aborts
 */
export async function writeDataset(job: DatasetJob): Promise<DatasetSummary> {
	try {
		const tally = new Tally(placesOfThoughts(job));
		const rows = new WaitingRows(job.scratch);
		await arrangeRows(job, await planRows(job, tally), rows, tally);
		await writeFiles(job, rows, tally);
		const summary = tally.summary();
		if (job.layout === 'folder' && job.sink) {
			for (const { name, mediaType, text } of sideFiles(job.formats, summary))
				await writeText(job.sink, name, mediaType, text);
		}
		return summary;
	} finally {
		await job.scratch.dispose();
	}
}

/** In `ranks`: the example is written nowhere. */
const leftOut = 0xffff_ffff;

interface RowPlan {
	/** By search the number of its first example. Only those that were done at the first reading; others may have ended since. */
	readonly firsts: ReadonlyMap<string, number>;
	/** By an example's number, its place among the rows. */
	readonly ranks: Uint32Array;
	/** By an example's number. */
	readonly splits: readonly DatasetSplit[];
}

/** The first reading. */
async function planRows(job: DatasetJob, tally: Tally): Promise<RowPlan> {
	const { curation, check, signal, onProgress } = job;
	const firsts = new Map<string, number>();
	const notes = new Notes();
	for await (const search of job.searches()) {
		signal?.throwIfAborted();
		if ('lost' in search) {
			tally.lost(search.lost, search.scenario !== undefined);
			continue;
		}
		const { tree } = search;
		if (!tree.done) {
			tally.unfinished();
			continue;
		}
		const harvest = harvestOf(search, job);
		tally.finished(search, harvest, thoughtsIn(harvest));
		firsts.set(keyOf(search), notes.length);
		const answerKeyOf: KeyOf = (prompt, answer) =>
			check?.answerKey?.(prompt, answer, search.environment.tools);
		for (const example of examplesIn(harvest, job)) notes.add(await noteOf(example, curation, answerKeyOf));
		onProgress?.({ step: 'reading', done: firsts.size });
	}
	const plan = curate(notes, curation);
	for (const [number, reason] of plan.leftOut) tally.leftOut(notes.at(number)!, reason);
	const ranks = new Uint32Array(notes.length).fill(leftOut);
	for (const [rank, number] of plan.order.entries()) ranks[number] = rank;
	return { firsts, ranks, splits: Array.from(ranks, (_, number) => notes.at(number)!.split) };
}

/** The second reading. */
async function arrangeRows(
	job: DatasetJob,
	{ firsts, ranks, splits }: RowPlan,
	rows: WaitingRows,
	tally: Tally
): Promise<void> {
	const { thoughts } = job;
	let read = 0;
	for await (const search of job.searches()) {
		job.signal?.throwIfAborted();
		if ('lost' in search) continue;
		const first = firsts.get(keyOf(search));
		if (first === undefined) continue;
		const { tools } = search.environment;
		const context = { tools, ...(job.check && { form: job.check.form }), ...(thoughts && { thoughts }) };
		for (const [index, example] of examplesIn(harvestOf(search, job), job).entries()) {
			const rank = ranks[first + index]!;
			const split = splits[first + index]!;
			if (rank === leftOut) continue;
			const refusal = job.check?.example(example, tools, split);
			if (refusal !== undefined) {
				tally.leftOut(example, refusal);
				continue;
			}
			let isWritten = false;
			for (const format of job.formats) {
				if (!format.kinds.includes(example.kind)) continue;
				for (const outcome of format.encode(example, context)) {
					if ('problem' in outcome) {
						tally.leftOut(example, `${format.id}: ${outcome.problem}`);
						continue;
					}
					isWritten = true;
					const path = job.layout === 'plain' ? format.fileName : format.pathOf(split);
					await rows.add(path, rank, jsonLine(outcome.row));
				}
			}
			if (isWritten) tally.wrote(example);
		}
		job.onProgress?.({ step: 'arranging', done: ++read });
	}
}

async function writeFiles(
	{ formats, layout, sink, check, columns = check, signal, onProgress }: DatasetJob,
	rows: WaitingRows,
	tally: Tally
): Promise<void> {
	const files =
		layout === 'plain'
			? formats.map((format) => ({ path: format.fileName, isDeclared: false }))
			: formats
					.flatMap(({ pathOf, features }) =>
						splits.map((split) => ({ path: pathOf(split), isDeclared: features !== undefined }))
					)
					.filter(({ path }) => rows.count(path) > 0);
	for (const [index, { path, isDeclared }] of files.entries()) {
		tally.file(path, rows.count(path));
		const pieces = rows.pieces(path, (line) => {
			signal?.throwIfAborted();
			columns?.row(path, line, isDeclared);
		});
		if (sink) await writeFile(sink, path, 'application/jsonl', pieces);
		else if (columns) for await (const _ of pieces);
		onProgress?.({ step: 'writing', done: index + 1 });
	}
}

/** Each once, though formats may share some. */
function sideFiles(formats: readonly DatasetFormat[], summary: DatasetSummary): Iterable<SideFile> {
	const all = formats.flatMap((format) => format.sideFiles(summary));
	return new Map(all.map((file) => [file.name, file])).values();
}

function harvestOf(search: ScenarioTree, { curation, ratings }: DatasetJob): Harvest {
	return examplesOf(search, curation, objectionToRating(ratings?.get(search.scenario.id), curation));
}

function examplesIn(harvest: Harvest, { thoughts }: DatasetJob): readonly TrainingExample[] {
	if ('none' in harvest) return [];
	const { sft, kto, dpo } = harvest.examples;
	const examples = [...sft, ...kto, ...dpo];
	return thoughts ? examples : examples.map(withoutThoughts);
}

function placesOfThoughts({ formats, thoughts }: DatasetJob): ThoughtPlaces {
	const keeps = (format: DatasetFormat) => thoughts !== undefined && format.takesThoughts === true;
	const idsOf = (some: readonly DatasetFormat[]) => some.map(({ id }) => id);
	return {
		keptIn: idsOf(formats.filter(keeps)),
		leftOutOf: idsOf(formats.filter((format) => !keeps(format)))
	};
}
