import { describe, expect, it } from 'vitest';
import { plainCuration } from '../../src/dataset/curation/curation.ts';
import { noteOf } from '../../src/dataset/curation/note.ts';
import { curate } from '../../src/dataset/curation/plan.ts';
import type { DpoExample, KtoExample, SftExample, TrainingExample } from '../../src/harvest/examples.ts';
import { examplesOf } from '../../src/harvest/examples.ts';
import { bookNothing, bookTwo, grow, script, searchNorth, smallTree } from '../harvest/desk.ts';

const origin = {
	scenario: 'one',
	split: 'train',
	reward: 1,
	turn: 0,
	path: 'L',
	nodeTurn: 0,
	message: 2
} as const;
const prompt = [
	{ role: 'system', content: 'You help.' },
	{ role: 'user', content: 'A room, please.' }
] as const;
const say = (content: string) => ({ role: 'assistant', content }) as const;
const kto = (said: string, label: boolean): KtoExample => ({
	kind: 'kto',
	origin,
	prompt,
	completion: say(said),
	label
});
const dpo = (chosen: string, rejected: string): DpoExample => ({
	kind: 'dpo',
	origin,
	prompt,
	chosen: say(chosen),
	rejected: say(rejected)
});
const plain = (example: TrainingExample) => noteOf(example, plainCuration);

describe('a note', () => {
	it('knows what is said to be good and bad', async () => {
		const good = await plain(kto('Yes.', true));
		const bad = await plain(kto('Yes.', false));
		expect(good.good).toBe(bad.bad);
		expect([good.bad, bad.good]).toEqual([undefined, undefined]);
		expect(good.key).toBe(bad.key);
		expect((await plain(kto('No.', true))).key).not.toBe(good.key);

		const pair = await plain(dpo('Yes.', 'No.'));
		const reverse = await plain(dpo('No.', 'Yes.'));
		expect([pair.good, pair.bad]).toEqual([reverse.bad, reverse.good]);
		expect(pair.key).not.toBe(reverse.key);
		expect(pair.good).not.toBe(good.good);
	});

	it('counts the characters of the longest row that a trainer reads', async () => {
		expect((await plain(kto('Yes.', true))).characters).toBe(28);
		expect((await plain(dpo('Yes.', 'Certainly.'))).characters).toBe(34);
		const sft: SftExample = { kind: 'sft', origin, messages: [...prompt, say('Yes.')] };
		expect((await plain(sft)).characters).toBe(28);
	});

	it('has a signature where near-duplicates are looked for, of all but the system message', async () => {
		expect(await plain(kto('Yes.', true))).not.toHaveProperty('signature');
		const options = { ...plainCuration, similarity: 0.9 };
		const one = await noteOf(kto('Yes, of course.', true), options);
		const other = await noteOf(
			{ ...kto('yes — of course', true), prompt: [{ role: 'system', content: 'Be brief.' }, prompt[1]] },
			options
		);
		expect(other.signature).toEqual(one.signature);
		expect(curate([one, other], options).order).toEqual([0]);
		const otherwise = await noteOf(kto('No, I am sorry.', true), options);
		expect(curate([one, otherwise], options).order).toEqual([0, 1]);
	});
});

it('examples of one search neither repeat nor contradict each other', async () => {
	const harvest = examplesOf(smallTree());
	if ('none' in harvest) throw new Error(harvest.reason);
	const { sft, kto, dpo } = harvest.examples;
	const notes = await Promise.all([...sft, ...kto, ...dpo].map(plain));
	expect(curate(notes, plainCuration)).toEqual({ order: [...notes.keys()], leftOut: new Map() });
	const twice = curate([...notes, ...notes], plainCuration);
	expect(twice.order).toEqual([...notes.keys()]);
	expect(twice.leftOut.get(notes.length)).toBe(
		"repeats the sft row of scenario one, turn 2, path 'LLR', message 12"
	);
});

it('a golden path with an error gives examples where errors are kept', () => {
	const search = grow('one', script({ L: [searchNorth, 'Found.'], LL: [bookNothing, bookTwo, 'Booked.'] }));
	expect(examplesOf(search)).toHaveProperty('none', 'error');
	expect(examplesOf(search, { errors: 'keep' })).toHaveProperty('examples');
});
