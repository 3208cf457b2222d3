import { nameOf } from '../../harvest/example-name.ts';
import type { CurationRule, ExampleNote } from './curation.ts';

/** Leaves out what says of a message that it is good, or bad, where another row of the kind says the opposite. */
export const contradictions: CurationRule = (kept, notes, { contradictions: which }) => {
	const leftOut = new Map<number, string>();
	// The first row to call an answer good, and bad; an answer's hash holds its kind and prompt.
	const goods = new Map<number, number>();
	const bads = new Map<number, number>();
	const learn = ({ good, bad }: ExampleNote, index: number) => {
		if (good !== undefined && !goods.has(good)) goods.set(good, index);
		if (bad !== undefined && !bads.has(bad)) bads.set(bad, index);
	};
	if (which !== 'first') for (const index of kept) learn(notes.at(index)!, index);

	for (const index of kept) {
		const note = notes.at(index)!;
		const praised = note.bad === undefined ? undefined : goods.get(note.bad);
		const blamed = note.good === undefined || which === 'good' ? undefined : bads.get(note.good);
		const rival = praised ?? blamed;
		if (rival !== undefined)
			leftOut.set(index, `${opposition(note, praised !== undefined)} the ${nameOf(notes.at(rival)!)}`);
		else if (which === 'first') learn(note, index);
	}
	return leftOut;
};

function opposition({ kind }: ExampleNote, isPraised: boolean): string {
	if (kind === 'kto') return 'has the other label in';
	return isPraised ? 'rejects what is chosen in' : 'chooses what is rejected in';
}
