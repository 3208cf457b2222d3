import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/dialogue/message.ts';
import { examplesOf, type ScenarioTree } from '../../src/harvest/examples.ts';
import {
	bookNothing,
	bookTwo,
	grow,
	script,
	searchAmber,
	searchNorth,
	smallTree,
	type Doing
} from './desk.ts';
import { harvestFiles } from '../dataset/harvest-files.ts';

function examples(search: ScenarioTree, options = {}) {
	const harvest = examplesOf(search, options);
	if ('none' in harvest) throw new Error(`no examples: ${harvest.reason}`);
	return harvest.examples;
}

/** What a message says, in a word or two. */
function gist(message: Message): string {
	const call = message.role === 'assistant' ? message.tool_calls?.[0] : undefined;
	return call ? `${call.function.name}${JSON.stringify(call.function.arguments)}` : message.content;
}

const north = 'search_hotel{"area":"north"}';
const amber = 'search_hotel{"name":"Amber Inn"}';
const two = 'book_hotel{"nights":2}';
const golden = (last: readonly Doing[] = [bookTwo, 'Booked.']) => ({ L: [searchNorth, 'Found.'], LL: last });

describe('the golden path', () => {
	it('is one SFT example: the agent’s view, up to its last words', () => {
		const [example, ...others] = examples(smallTree()).sft;
		expect(others).toEqual([]);
		expect(example!.messages.map(gist)).toEqual([
			'You help at a hotel desk.',
			'I need a hotel in the north.',
			north,
			'[{"name":"Amber Inn"}]',
			'The Amber Inn is free. Shall I book it?',
			'Yes, please.',
			'How many nights?',
			'Two.',
			amber,
			'[{"name":"Amber Inn"}]',
			two,
			'[{"name":"Amber Inn"}]',
			'Booked.'
		]);
	});

	it('gives a positive for each message of the agent, with all before it as the prompt', () => {
		const { kto, sft } = examples(smallTree());
		const good = kto.filter(({ label }) => label);
		expect(good.map(({ completion }) => gist(completion))).toEqual([
			north,
			'The Amber Inn is free. Shall I book it?',
			'How many nights?',
			amber,
			two,
			'Booked.'
		]);
		for (const { prompt, completion, origin } of good) {
			expect([...prompt, completion]).toEqual(sft[0]!.messages.slice(0, origin.message + 1));
		}
	});

	it('needs the full reward unless less is asked for', () => {
		const half = grow('one', script({ L: [searchNorth, 'Found.'] }), { maxSteps: 3 });
		expect(half.tree.reward).toBe(0.5);
		expect(examplesOf(half)).toMatchObject({ none: 'reward', reason: 'reward 0.5 is below 1' });
		// What ran on after the last goal belongs to no example.
		expect(examples(half, { minReward: 0.5 }).sft[0]!.messages.map(gist).at(-1)).toBe('Found.');
		const none = grow('one', script({}), { maxSteps: 2 });
		expect(examplesOf(none, { minReward: 0 })).toMatchObject({ none: 'noGoldenPath' });
	});

	it('never holds what only the user saw', () => {
		const words = script(golden());
		const search = grow('one', {
			...words,
			user: (step) => ({ ...words.user(step), aside: 'My goal is secret.' })
		});
		expect(JSON.stringify(search.events)).toContain('secret');
		expect(JSON.stringify(examples(search))).not.toContain('secret');
		expect(JSON.stringify(examples(search))).not.toContain('seenBy');
	});

	it('leaves out a root that ran on and failed before a new start (Q23)', () => {
		const search = grow(
			'one',
			{
				agent: ({ path, turn }) => {
					if (path === 'S') return { does: [bookTwo, 'Booked.'] };
					return { does: turn === 0 ? [searchNorth, 'Found.'] : ['Goodbye.', 'So long.', 'Really.', 'Bye.'] };
				},
				user: ({ path, turn }) => ({
					says: path === '' && turn === 1 ? 'Book it.' : 'Hm.',
					over: path === '' && turn === 2
				})
			},
			{ beam: 1, restarts: 1 }
		);
		expect(search.tree.reward).toBe(1);
		const { sft, kto } = examples(search);
		expect(sft[0]!.messages.map(gist)).toContain('Booked.');
		expect(kto.filter(({ label }) => label).map(({ completion }) => gist(completion))).toEqual([
			north,
			'Found.',
			two,
			'Booked.'
		]);
	});
});

describe('an error on the golden path', () => {
	it.each([
		[
			'a rejected call',
			golden([bookNothing, bookTwo, 'Booked.']),
			'the environment rejected a call of book_hotel'
		],
		[
			'retries used up',
			golden([bookTwo, 'Error: Agent ran out of retries.']),
			'a message of role assistant tells of an error'
		],
		['an invented result', golden([bookTwo, '<tool_response>ok']), 'the agent made up a result']
	])('takes all examples of the scenario: %s', (_, turns, reason) => {
		const search = grow('one', script({ ...turns, R: ['Which?'] }));
		expect(search.tree.reward).toBe(1);
		expect(examplesOf(search)).toEqual({ none: 'error', reason });
	});

	it('may be the user’s', () => {
		const search = grow('one', script(golden(), { L: 'ERROR: no more words' }));
		expect(examplesOf(search)).toEqual({ none: 'error', reason: 'a message of role user tells of an error' });
	});

	it('is no matter elsewhere', () => {
		const search = grow('one', script({ ...golden(), R: [bookNothing, 'Error: that was wrong.'] }));
		expect(
			examples(search)
				.kto.filter(({ label }) => !label)
				.map(({ completion }) => gist(completion))
		).toEqual(['book_hotel{}', 'Anything else, LR?']);
	});
});

describe('negatives', () => {
	it('are the first words that differ, under a prompt that a positive has', () => {
		const { kto } = examples(smallTree());
		const prompts = kto.filter(({ label }) => label).map(({ prompt }) => prompt);
		const bad = kto.filter(({ label }) => !label);
		expect(bad.map(({ origin, completion }) => [origin.path, gist(completion)])).toEqual([
			['R', 'Which area would you like?'],
			// LLL made the golden call first: that one is dropped.
			['LLL', 'I am sorry, it is full.']
		]);
		for (const { prompt } of bad) expect(prompts).toContainEqual(prompt);
	});

	it('are not what a sibling said that earned the goal too', () => {
		// LRR earned the goal and LR led to it; LRL parted from the golden path a turn before.
		const said = JSON.stringify(examples(smallTree()));
		expect(said).not.toContain('Now it is.');
		expect(said).not.toContain('It is booked');
		expect(said).not.toContain('You are welcome.');
	});

	it('are not what equals the golden message', () => {
		const search = grow(
			'one',
			script({ ...golden(['Nights?']), LR: ['Nights?'], LLL: [bookTwo, 'Booked.'] })
		);
		const { kto, dpo } = examples(search);
		expect(
			kto.filter(({ completion }) => completion.content === 'Nights?').map(({ label }) => label)
		).toEqual([true]);
		expect(dpo.map(({ rejected }) => gist(rejected))).not.toContain('Nights?');
	});

	it('count once, however many siblings said the same', () => {
		const turns = { L: [searchNorth, 'Found.'], LLL: [bookTwo, 'Booked.'], LL: ['Nights?'] };
		const search = grow('one', script({ ...turns, LR: ['Full.'], LLR: ['No.'], LRL: ['No.'], LRR: ['No.'] }));
		const bad = examples(search).kto.filter(({ label }) => !label);
		expect(bad.map(({ origin, completion }) => [origin.path, gist(completion)])).toEqual([
			['R', 'Anything else, R?'],
			['LR', 'Full.'],
			['LLR', 'No.']
		]);
	});

	it('give a pair each, with the golden message of the same prompt', () => {
		const { kto, dpo } = examples(smallTree());
		const bad = kto.filter(({ label }) => !label);
		expect(dpo.map(({ prompt, rejected }) => ({ prompt, completion: rejected }))).toEqual(
			bad.map(({ prompt, completion }) => ({ prompt, completion }))
		);
		expect(dpo.map(({ chosen }) => gist(chosen))).toEqual([north, two]);
	});

	it('of a branch that ran on at the beam limit are those of its last turn only', () => {
		const search = grow(
			'one',
			script({
				'L:0': ['Hm.'],
				'R:0': ['Where?'],
				'L:1': [searchNorth, 'Found.'],
				'R:1': ['Where then?'],
				LL: [bookTwo, 'Done.']
			}),
			{ beam: 2 }
		);
		expect(search.tree.reward).toBe(1);
		const { kto } = examples(search);
		expect(JSON.stringify(kto)).not.toContain('Where');
	});
});

describe('rows', () => {
	it('follow turn and path', () => {
		const { kto } = examples(smallTree());
		expect(kto.map(({ origin: { turn, path, message } }) => `${turn} ${path} ${message}`)).toEqual([
			'0 L 2',
			'0 L 4',
			'0 R 2',
			'1 LL 6',

			'2 LLL 10',
			'2 LLR 8',
			'2 LLR 10',
			'2 LLR 12'
		]);
	});

	it('do not repeat or contradict a row of an earlier scenario', async () => {
		const other = grow(
			'two',
			script(
				{ L: ['Which area would you like?'], LL: [searchNorth, 'Found.'], LLL: [bookTwo, 'Booked.'] },
				{ '': 'I need a hotel in the north.' }
			)
		);
		const { summary, files } = await harvestFiles([smallTree(), other]);
		expect(summary.leftOut).toEqual([
			{
				row: "kto row of scenario two, turn 0, path 'L', message 2",
				reason: "has the other label in the kto row of scenario one, turn 0, path 'R', message 2"
			},
			{
				row: "dpo row of scenario two, turn 0, path 'R', message 2",
				reason: "chooses what is rejected in the dpo row of scenario one, turn 0, path 'R', message 2"
			}
		]);
		const again = await harvestFiles([smallTree(), { ...smallTree(), scenario: other.scenario }]);
		expect(again.summary.examples).toEqual({ sft: 1, kto: { true: 6, false: 2 }, dpo: 2 });
		expect(again.summary.leftOut).toHaveLength(11);
		expect(await again.files[1]!.content.text()).not.toBe(await files[1]!.content.text());
	});

	it('of a search that is not done are not written', async () => {
		const { tree, ...rest } = smallTree();
		const { done: _, ...unfinished } = tree;
		const { summary, files } = await harvestFiles([{ ...rest, tree: { ...unfinished, done: undefined } }]);
		expect(summary).toMatchObject({
			scenarios: 0,
			unfinished: 1,
			meanReward: null,
			successRate: null,
			tokens: { prompt: 0, completion: 0 }
		});
		expect(files.map(({ name, content }) => [name, content.size])).toEqual([
			['sft.jsonl', 0],
			['kto.jsonl', 0],
			['dpo.jsonl', 0]
		]);
	});
});

it('a search for another word of the same thing is no other message', () => {
	const search = grow(
		'one',
		script({ L: [searchAmber, searchNorth, 'Found.'], LL: [bookTwo, 'Booked.'], R: [searchAmber, 'Here.'] })
	);
	expect(examples(search).dpo.map(({ chosen, rejected }) => [gist(chosen), gist(rejected)])).toContainEqual([
		north,
		'Here.'
	]);
});
