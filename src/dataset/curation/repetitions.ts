import { groupBy } from '../../base/group.ts';
import { nameOf } from '../../harvest/example-name.ts';
import type { CurationRule } from './curation.ts';
import { LshIndex } from './lsh.ts';

/**
 * Leaves out what an earlier row says already, in whichever split: no row of the test split is one to learn from as well. Labels agree
 * here, contradictions being gone.
 */
export const exactRepetitions: CurationRule = (kept, notes) => {
	const leftOut = new Map<number, string>();
	/** By key the number of the first. */
	const first = new Map<number, number>();
	for (const index of kept) {
		const { key } = notes.at(index)!;
		const earlier = first.get(key);
		if (earlier === undefined) first.set(key, index);
		else leftOut.set(index, `repeats the ${nameOf(notes.at(earlier)!)}`);
	}
	return leftOut;
};

/** Leaves out what is as similar as `similarity` to an earlier row of the same kind and label that stays. */
export const nearRepetitions: CurationRule = (kept, notes, { similarity }) => {
	const leftOut = new Map<number, string>();
	if (similarity >= 1) return leftOut;
	const comparable = groupBy(kept, (index) => {
		const { kind, good } = notes.at(index)!;
		return `${kind} ${good !== undefined}`;
	});
	for (const group of comparable.values()) {
		const index = new LshIndex(group.length, similarity);
		const indexed: number[] = [];
		for (const number of group) {
			const { signature } = notes.at(number)!;
			if (!signature) continue;
			const earlier = index.findOrAdd(signature);
			if (earlier === undefined) indexed.push(number);
			else leftOut.set(number, `is nearly the same as the ${nameOf(notes.at(indexed[earlier]!)!)}`);
		}
	}
	return leftOut;
};
