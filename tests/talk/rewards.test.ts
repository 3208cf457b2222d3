import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import type { Component, Environment, Scenario } from '../../src/environment/environment.ts';
import { createEnvironment } from '../../src/environment/pack-environment.ts';
import { parsePack } from '../../src/environment/pack.ts';
import { rewards } from '../../src/talk/rewards/rewards.ts';
import { scoreOf, type Happened } from '../../src/talk/rewards/reward-part.ts';
import { deskPack } from '../environment/desk-pack.ts';

const environment = createEnvironment(parsePack(deskPack()), 'hash');
const [search, book] = environment.scenarios[0]!.goals as [Scenario['goals'][0], Scenario['goals'][0]];
const scenario: Scenario = {
	...environment.scenarios[0]!,
	says: [
		{ id: 'place', any: ['Fox Grill', 'the fox'], not: ['Bear Diner'] },
		{ id: 'price', any: ['1200'] }
	]
};
const create = (kind: string, options = {}, world: Environment = environment) =>
	rewards.get(kind).create(options, { scenario, environment: world });
const say = (content: string, seenBy: StoredMessage['seenBy'] = 'both'): StoredMessage => ({
	role: 'assistant',
	content,
	seenBy
});

async function happened(names: readonly ('search' | 'book' | 'wrong')[], ...messages: StoredMessage[]) {
	let state = await environment.initial(scenario);
	const calls = [];
	for (const name of names) {
		const { name: tool, arguments: args } = name === 'search' ? search : book;
		const call = { name: tool, arguments: name === 'wrong' ? { ...args, people: 9 } : args };
		const after = await environment.call(state, 'agent', call);
		state = after.state;
		calls.push(after.executed);
	}
	return { by: 'agent', calls, messages, transcript: messages, state } satisfies Happened;
}

describe('end state', () => {
	it('is reached when the tables are as the goal calls leave them, whatever else was asked', async () => {
		const reward = create('end-state');
		expect(reward.goals).toHaveLength(1);
		expect(await reward.match(await happened(['search', 'search', 'book']), [0])).toEqual([0]);
		expect(await reward.match(await happened(['search']), [0])).toEqual([]);
		expect(await reward.match(await happened(['wrong']), [0])).toEqual([]);
		expect(await reward.match(await happened(['wrong', 'book']), [0])).toEqual([]);
		expect(await reward.score({ ...(await happened(['book'])) })).toEqual([{ name: 'end-state', value: 1 }]);
		expect(await reward.score({ ...(await happened([])) })).toEqual([{ name: 'end-state', value: 0 }]);
	});
});

describe('words said', () => {
	it('earn when they are said aloud, in whole words and whatever form of numbers', async () => {
		const reward = create('said');
		expect(reward.goals.map(({ id }) => id)).toEqual(['place', 'price']);
		const match = async (...messages: StoredMessage[]) =>
			reward.match(await happened([], ...messages), [0, 1]);
		expect(await match(say('How about the FOX? It is 1,200.'))).toEqual([0, 1]);
		expect(await match(say('foxes for 12000'))).toEqual([]);
		expect(await match(say('Fox Grill', 'agent'))).toEqual([]);
		expect(await match({ role: 'user', content: 'Fox Grill', seenBy: 'both' })).toEqual([]);
	});

	it('are worth nothing where something was said that must not be', async () => {
		const reward = create('said');
		const both = await happened([], say('Fox Grill or Bear Diner, both at 1200.'));
		expect(await reward.match(both, [0, 1])).toEqual([1]);
		expect(await reward.score(both)).toEqual([
			{ name: 'said place', value: 0 },
			{ name: 'said price', value: 1 }
		]);
	});
});

describe('a product', () => {
	it('has the goals of all, each with its own place', async () => {
		const reward = create('product', { of: ['goal-calls', 'said'] });
		expect(reward.goals.map(({ id }) => id)).toEqual([
			'goal-calls search',
			'goal-calls book',
			'said place',
			'said price'
		]);
		const both = await happened(['book'], say('Fox Grill'));
		expect(await reward.match(both, [0, 1, 2, 3])).toEqual([1, 2]);
		expect(await reward.match(both, [0, 3])).toEqual([]);
		expect(scoreOf(await reward.score({ ...both, earned: [0, 1, 2] }))).toBe(0);
		expect(scoreOf(await reward.score({ ...both, earned: [1, 2] }))).toBe(0);
	});
});

describe('what a conversation is worth', () => {
	const parts = (...values: readonly Component['value'][]) => values.map((value) => ({ name: 'x', value }));
	it('is unknown where a part is, unless another is nothing', () => {
		expect(scoreOf(parts(1, 0.5))).toBe(0.5);
		expect(scoreOf(parts(1, 'unknown'))).toBe('unknown');
		expect(scoreOf(parts(0, 'unknown'))).toBe(0);
		expect(scoreOf([])).toBe(1);
	});

	it('is what the environment says, and unknown where it says nothing', async () => {
		const silent = create('environment');
		expect(silent.goals).toEqual([]);
		expect(await silent.score(await happened([]))).toEqual([{ name: 'environment', value: 'unknown' }]);
		const judging: Environment = {
			...environment,
			check: async (_scenario, _state, transcript) => [
				{ name: 'polite', value: transcript.length > 0 ? 1 : 0 }
			]
		};
		const reward = create('environment', {}, judging);
		expect(await reward.match(await happened([], say('Please.')), [0])).toEqual([0]);
		expect(await reward.match(await happened([]), [0])).toEqual([]);
	});
});
