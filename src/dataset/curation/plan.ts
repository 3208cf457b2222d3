import { groupBy } from '../../base/group.ts';
import { outOfBalance } from './balance.ts';
import { overCap } from './caps.ts';
import { contradictions } from './contradictions.ts';
import type { CurationOptions, CurationPlan, CurationRule, NoteList } from './curation.ts';
import { tooLong } from './filters.ts';
import { exactRepetitions, nearRepetitions } from './repetitions.ts';
import { sameAnswers } from './same-answers.ts';
import { spread } from './spread.ts';

/** What is drawn comes last, so that no draw is wasted on a row that goes anyway. */
const rules: readonly CurationRule[] = [
	tooLong,
	sameAnswers,
	contradictions,
	exactRepetitions,
	nearRepetitions,
	overCap,
	outOfBalance
];

/**
 * Decides about all examples of a dataset at once. Equal notes and options give equal plans. Time is n log n, memory linear.
 * @param notes of all examples that could be rows, in the order as harvested
 */
export function curate(notes: NoteList, options: CurationOptions): CurationPlan {
	const leftOut = new Map<number, string>();
	let kept = Array.from({ length: notes.length }, (_, index) => index);
	for (const rule of rules) {
		const out = rule(kept, notes, options);
		if (out.size === 0) continue;
		for (const [index, reason] of out) leftOut.set(index, reason);
		kept = kept.filter((index) => !out.has(index));
	}
	return { order: options.order === 'shuffled' ? shuffled(kept, notes, options) : kept, leftOut };
}

/** Each split and kind is ordered by itself, for each is a file by itself. */
function shuffled(kept: readonly number[], notes: NoteList, { seed }: CurationOptions): number[] {
	const files = groupBy(kept, (index) => `${notes.at(index)!.split} ${notes.at(index)!.kind}`);
	return [...files].flatMap(([file, rows]) =>
		spread(rows, (index) => notes.at(index)!.origin.scenario, seed, 'order', file)
	);
}
