import { examplesOf, type FinishedSearch, type TrainingExample } from './examples.ts';
import type { DatasetFormat } from './format.ts';
import { trlDpo } from './formats/trl-dpo.ts';
import { trlKto } from './formats/trl-kto.ts';
import { trlSft } from './formats/trl-sft.ts';
import { jsonLine } from './json-line.ts';
import { nameOf, Repeats } from './repeats.ts';
import { Tally, type DatasetSummary } from './summary.ts';

export const defaultFormats: readonly DatasetFormat[] = [trlSft, trlKto, trlDpo];

export interface DatasetOptions {
	/** Searches that earned less give no examples. The paper and the default: 1. */
	readonly minReward?: number;
	/** Each has a file name of its own. */
	readonly formats?: readonly DatasetFormat[];
}

/** The next piece of a file; a format without examples still has a piece, the empty one. */
export interface DatasetPiece {
	readonly file: string;
	readonly mediaType: string;
	readonly text: string;
}

/**
 * Writes searches down as dataset files, a line at a time; returns the counts. Equal searches in equal order give equal bytes:
 * no line holds a clock, a run's id, a number of workers or a figure of a cache. A row that a trainer would stumble over is left
 * out and named in the summary.
 * @param searches in the order of the rows, one at a time in memory; those that are not done are counted and passed over
 */
export async function* writeDataset(
	searches: AsyncIterable<FinishedSearch> | Iterable<FinishedSearch>,
	{ minReward = 1, formats = defaultFormats }: DatasetOptions = {}
): AsyncGenerator<DatasetPiece, DatasetSummary, void> {
	const tally = new Tally(formats.map(({ fileName }) => fileName));
	const repeats = new Repeats();
	for (const { fileName } of formats) yield linePiece(fileName, '');

	for await (const search of searches) {
		if (!search.tree.done) {
			tally.unfinished();
			continue;
		}
		const harvest = examplesOf(search, { minReward });
		tally.finished(search.tree, harvest);
		if ('none' in harvest) continue;
		const { sft, kto, dpo } = harvest.examples;
		for (const example of [...sft, ...kto, ...dpo]) {
			const objection = await repeats.objection(example);
			if (objection === undefined) yield* writeExample(example, search, formats, tally);
			else tally.leftOut(nameOf(example), objection);
		}
	}

	const summary = tally.summary();
	for (const format of formats) {
		for (const { name, mediaType, text } of format.sideFiles(summary)) yield { file: name, mediaType, text };
	}
	return summary;
}

function* writeExample(
	example: TrainingExample,
	{ environment }: FinishedSearch,
	formats: readonly DatasetFormat[],
	tally: Tally
): Generator<DatasetPiece> {
	let isWritten = false;
	for (const format of formats) {
		if (!format.kinds.includes(example.kind)) continue;
		for (const outcome of format.encode(example, { tools: environment.tools })) {
			if ('problem' in outcome) {
				tally.leftOut(nameOf(example), `${format.id}: ${outcome.problem}`);
				continue;
			}
			isWritten = true;
			tally.line(format.fileName);
			yield linePiece(format.fileName, jsonLine(outcome.row));
		}
	}
	if (isWritten) tally.wrote(example);
}

function linePiece(file: string, text: string): DatasetPiece {
	return { file, mediaType: 'application/jsonl', text };
}

export interface DatasetFile {
	readonly name: string;
	readonly mediaType: string;
	/** UTF-8. */
	readonly content: Blob;
}

/** The whole dataset as files, in the order of the formats. */
export async function harvestFiles(
	searches: AsyncIterable<FinishedSearch> | Iterable<FinishedSearch>,
	options: DatasetOptions = {}
): Promise<{ readonly files: readonly DatasetFile[]; readonly summary: DatasetSummary }> {
	const parts = new Map<string, { readonly mediaType: string; readonly texts: string[] }>();
	const pieces = writeDataset(searches, options);
	for (;;) {
		const next = await pieces.next();
		if (next.done) {
			const files = [...parts].map(([name, { mediaType, texts }]) => ({
				name,
				mediaType,
				content: new Blob(texts, { type: mediaType })
			}));
			return { files, summary: next.value };
		}
		const { file, mediaType, text } = next.value;
		const part = parts.get(file);
		if (part) part.texts.push(text);
		else parts.set(file, { mediaType, texts: [text] });
	}
}
