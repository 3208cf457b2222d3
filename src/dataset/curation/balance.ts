import { Random } from '../../base/random.ts';
import { splits } from '../format.ts';
import type { CurationRule } from './curation.ts';

/** Leaves out bad rows of KTO beyond `badPerGood` for each good one, in each split. */
export const outOfBalance: CurationRule = (kept, notes, { badPerGood, seed }) => {
	const leftOut = new Map<number, string>();
	if (badPerGood === 0) return leftOut;
	for (const split of splits) {
		const rows = kept.filter((index) => notes.at(index)!.kind === 'kto' && notes.at(index)!.split === split);
		const bad = rows.filter((index) => notes.at(index)!.bad !== undefined);
		const most = Math.floor(badPerGood * (rows.length - bad.length));
		for (const index of new Random(seed, 'balance', split).shuffle(bad).slice(most))
			leftOut.set(index, `more than ${badPerGood} bad rows for each good one`);
	}
	return leftOut;
};
