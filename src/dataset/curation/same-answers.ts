import { sameForTarget } from '../check/answer-key.ts';
import type { CurationRule } from './curation.ts';

/**
 * Leaves out what calls an answer bad that is the good one of the same search to the same prompt. As messages they differ
 * (`negatives`), so only the keys of a target (`answerKey`) show it.
 */
export const sameAnswers: CurationRule = (kept, notes) => {
	const leftOut = new Map<number, string>();
	const nameIn = (scenario: string, key: number) => `${key} ${scenario}`;
	const goods = new Set<string>();
	for (const index of kept) {
		const { kind, good, origin } = notes.at(index)!;
		if (kind === 'kto' && good !== undefined) goods.add(nameIn(origin.scenario, good));
	}
	for (const index of kept) {
		const { kind, good, bad, origin } = notes.at(index)!;
		if (bad === undefined) continue;
		if (kind === 'dpo' && good === bad) leftOut.set(index, sameForTarget.pair);
		if (kind === 'kto' && goods.has(nameIn(origin.scenario, bad))) leftOut.set(index, sameForTarget.kto);
	}
	return leftOut;
};
