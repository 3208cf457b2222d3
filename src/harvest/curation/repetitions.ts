import { groupBy } from '../../base/group.ts';
import { nameOf } from '../identity.ts';
import type { CurationRule, ExampleNote } from './curation.ts';
import { LshIndex } from './lsh.ts';

/**
 * Leaves out what an earlier row says already, in whichever split: no row of the test split is one to learn from as well. Labels agree
 * here, contradictions being gone.
 */
export const exactRepetitions: CurationRule = (kept, notes) => {
	const leftOut = new Map<number, string>();
	const first = new Map<number, ExampleNote>();
	for (const index of kept) {
		const note = notes[index]!;
		const earlier = first.get(note.key);
		if (earlier) leftOut.set(index, `repeats the ${nameOf(earlier)}`);
		else first.set(note.key, note);
	}
	return leftOut;
};

/** Leaves out what is as similar as `similarity` to an earlier row of the same kind and label that stays. */
export const nearRepetitions: CurationRule = (kept, notes, { similarity }) => {
	const leftOut = new Map<number, string>();
	if (similarity >= 1) return leftOut;
	const comparable = groupBy(kept, (index) => {
		const { kind, good } = notes[index]!;
		return `${kind} ${good !== undefined}`;
	});
	for (const group of comparable.values()) {
		const index = new LshIndex(group.length, similarity);
		const indexed: ExampleNote[] = [];
		for (const number of group) {
			const note = notes[number]!;
			if (!note.signature) continue;
			const earlier = index.findOrAdd(note.signature);
			if (earlier === undefined) indexed.push(note);
			else leftOut.set(number, `is nearly the same as the ${nameOf(indexed[earlier]!)}`);
		}
	}
	return leftOut;
};
