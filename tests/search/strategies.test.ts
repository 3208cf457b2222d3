import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/environment/environment.ts';
import { conversationOf } from '../../src/evaluation/conversation.ts';
import { goldenPath } from '../../src/harvest/golden-path.ts';
import type { SearchEvent } from '../../src/search/events.ts';
import { grow } from '../../src/search/fold.ts';
import { Scorer } from '../../src/search/scoring.ts';
import { search, type SearchJob } from '../../src/search/search.ts';
import { nodeAt, resultOf, scoreOfTree, walk, type SearchTree } from '../../src/search/tree.ts';
import type { Agent, UserSimulator } from '../../src/talk/participants.ts';
import type { Reward } from '../../src/talk/rewards/reward-part.ts';
import { environment, job, rulesOf, seededAgent } from './fakes.ts';

async function run(job: SearchJob): Promise<{ events: SearchEvent[]; tree: SearchTree }> {
	const events: SearchEvent[] = [];
	const steps = search(job);
	for (;;) {
		const next = await steps.next();
		if (next.done) return { events, tree: next.value };
		events.push(next.value);
	}
}

const lines = (kind: 'plain' | 'best-of-n', more: object = {}) => ({
	strategy: { kind, tries: 3, maxTurns: 6, ...more }
});

describe('a plain conversation', () => {
	it('goes on after all goals are earned, until someone ends it or its turns are used up', async () => {
		const ends = new Set<string>();
		for (let seed = 1; seed <= 30; seed++) {
			const { tree, events } = await run(job([3], {}, { seed, ...lines('plain') }));
			expect(tree.done).toBeDefined();
			expect([...walk(tree.top)]).toHaveLength(1);
			const { end, agentTurns, transcript, tokens } = conversationOf(tree);
			ends.add(end.reason);
			expect(agentTurns).toBeLessThanOrEqual(6);
			expect(tokens.prompt).toBe(events.length);
			expect(transcript).toHaveLength(events.length);
		}
		expect([...ends].sort()).toEqual(['agent', 'error', 'turns', 'user']);
	});

	it('has the seeds of a search that never forks', async () => {
		const plain = await run(job([99], {}, lines('plain')));
		const narrow = await run(job([99], { beam: 1, maxSteps: 6, tries: 3 }));
		const texts = ({ events }: typeof plain) => events.map(({ messages }) => messages[0]?.content);
		expect(texts(plain)).toEqual(texts(narrow).slice(0, texts(plain).length));
	});

	it('earns what a step called before it failed', async () => {
		const agent: Agent = {
			async step(_transcript, state, { environment }) {
				const { executed } = await environment.call(state, 'agent', {
					name: 'pick',
					arguments: { number: 3 }
				});
				return {
					outcome: 'raised',
					messages: [],
					calls: [executed],
					error: 'broken',
					tokens: { prompt: 1, completion: 1 }
				};
			}
		};
		const { tree } = await run(job([3], {}, { agent, ...lines('plain') }));
		expect(tree.reward).toBe(1);
		expect(conversationOf(tree).end).toEqual({ reason: 'error', by: 'agent', error: 'broken' });
	});
});

describe('best of n', () => {
	it('has n lines from one opening; the first of those that earned most is golden', async () => {
		await fc.assert(
			fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 6 }), async (seed, n) => {
				const { tree, events } = await run(job([1, 2, 3], {}, { seed, ...lines('best-of-n', { n }) }));
				const { children, over } = tree.top;
				// The user may leave with its first words.
				if (over) {
					expect(children).toEqual([]);
					return;
				}
				expect(children.map(({ path }) => path)).toEqual([...'ABCDEF'].slice(0, n));
				const earned = children.map(
					({ path }) =>
						events.filter((event) => event.path === path).flatMap((event) => event.earned ?? []).length
				);
				const most = Math.max(...earned);
				expect(tree.reward).toBe(most / 3);
				const golden = children.filter((node) => node.golden).map(({ path }) => path);
				expect(golden).toEqual(most === 0 ? [] : [children[earned.indexOf(most)]!.path]);
				if (most > 0) expect(goldenPath(tree)!.path).toBe(golden[0]);
				const folded = grow(
					rulesOf(job([1], {}, lines('best-of-n', { n }))),
					JSON.parse(JSON.stringify(events))
				);
				expect({ ...folded, rules: null }).toEqual({ ...tree, rules: null });
			}),
			{ numRuns: 40 }
		);
	});
});

/** Calls once, then speaks: each its own step where actions are forked. */
const twoActions: Agent = {
	async step(transcript, state, context) {
		const isMidTurn = transcript.at(-1)?.role === 'tool';
		const number = context.seed(0) % 4;
		const tokens = { prompt: 1, completion: 1 };
		if (context.oneAction && isMidTurn)
			return {
				outcome: 'finished',
				messages: [{ role: 'assistant', content: `${number}`, seenBy: 'both' }],
				calls: [],
				tokens
			};
		const { executed } = await context.environment.call(state, 'agent', {
			name: 'pick',
			arguments: { number }
		});
		const tool = { role: 'tool', content: '1', tool_call_id: 'x', name: 'pick', seenBy: 'agent' } as const;
		return {
			outcome: context.oneAction ? 'continue' : 'finished',
			messages: [tool],
			calls: [executed],
			tokens
		};
	}
};

describe('forking at each action', () => {
	it('parts a turn where the agent acts, and asks the user only when a turn is over', async () => {
		const { tree, events } = await run(
			job([2, 3], { beam: 4, maxSteps: 12, fork: 'action' }, { agent: twoActions })
		);
		for (const { path } of walk(tree.top)) {
			const kinds = nodeAt(tree, path).entries.map((entry) =>
				'outcome' in entry ? entry.outcome : entry.kind
			);
			for (const [index, kind] of kinds.entries())
				if (kind === 'continue') expect(kinds[index + 1]).not.toBe('user');
		}
		expect(events.some((event) => event.kind === 'agent' && event.outcome === 'continue')).toBe(true);
		expect(tree.collapses.length).toBeGreaterThan(0);
		const seeds = events.map(({ path, turn, kind }) => `${kind} ${path} ${turn}`);
		expect(new Set(seeds).size).toBe(seeds.length);
	});
});

describe('the price of a call', () => {
	const calling = (calls: Readonly<Record<string, readonly number[]>>): Agent => ({
		async step(transcript, before, { environment, seed }) {
			const made = [];
			let state = before;
			for (const number of calls[transcript.length % 2 === 1 && seed(0) % 2 === 0 ? 'even' : 'odd']!) {
				const after = await environment.call(state, 'agent', { name: 'pick', arguments: { number } });
				state = after.state;
				made.push(after.executed);
			}
			return {
				outcome: 'finished',
				messages: [{ role: 'assistant', content: 'x', seenBy: 'both' }],
				calls: made,
				tokens: { prompt: 1, completion: 1 }
			};
		}
	});

	it('takes the hit with the fewest calls first, and is taken off the score', async () => {
		const agent = calling({ even: [9, 9, 9, 1], odd: [9, 1] });
		// A seed with which the left branch is the wasteful one.
		for (let seed = 1; ; seed++) {
			const free = await run(job([1], { beam: 2 }, { seed, agent }));
			const calls = free.events.filter((event) => event.kind === 'agent').map((event) => event.calls!.length);
			if (calls[0] !== 4 || calls[1] !== 2) continue;
			expect(free.tree.collapses[0]!.to).toBe('L');
			expect(scoreOfTree(free.tree)).toBe(1);
			const { tree } = await run(job([1], { beam: 2, callPrice: 0.02 }, { seed, agent }));
			expect(tree.collapses[0]).toMatchObject({ to: 'R', hits: [{ path: 'R' }, { path: 'L' }] });
			expect(scoreOfTree(tree)).toBeCloseTo(0.98);
			return;
		}
	});
});

const silentUser = (goal: number): UserSimulator => ({
	async step(transcript, state, { environment }) {
		const messages = [{ role: 'user', content: 'Hm.', seenBy: 'both' }] as const;
		const tokens = { prompt: 1, completion: 1 };
		if (transcript.length === 0) return { messages, over: false, tokens };
		const { executed } = await environment.call(state, 'user', { name: 'pick', arguments: { number: goal } });
		return { messages, calls: [executed], over: false, tokens };
	}
});

describe('a goal that the user makes true', () => {
	it('is credited to the agent turn before it, but not by the published rules', async () => {
		const user = silentUser(3);
		const { tree, events } = await run(job([3], { beam: 2 }, { agent: seededAgent(1), user, seed: 4 }));
		const earning = events.find((event) => event.earned)!;
		expect(earning).toMatchObject({ kind: 'user', earned: [0] });
		expect(tree.collapses).toMatchObject([{ to: earning.path, turn: 0, earned: [0] }]);
		expect(tree.done).toEqual({ reason: 'goals' });
		const published = await run(
			job([3], { beam: 2, quirks: 'published' }, { agent: seededAgent(1), user, seed: 4 })
		);
		expect(published.events.some((event) => event.earned)).toBe(false);
	});

	it('and its calls are replayed, by the user', async () => {
		const user = silentUser(7);
		const one = job([3], { beam: 2, maxSteps: 4 }, { agent: seededAgent(2), user, seed: 4 });
		const { events } = await run(one);
		const history = JSON.parse(JSON.stringify(events.slice(0, 7))) as SearchEvent[];
		expect((await run({ ...one, history })).events).toEqual(events.slice(7));
		const actors: string[] = [];
		const watching: Environment = {
			...environment,
			call: (state, actor, call) => (actors.push(actor), environment.call(state, actor, call))
		};
		await run({ ...one, environment: watching, history });
		expect(actors.slice(0, 4)).toContain('user');
	});
});

describe('a reward that scores', () => {
	const scoring = (value: number | 'unknown'): Reward => ({
		goals: [],
		match: async () => [],
		score: async ({ calls }) => [
			{ name: 'calls', value: value === 'unknown' ? value : Math.min(1, calls.length * value) }
		]
	});
	const guiding: Reward = {
		goals: [{ id: 'g', label: 'g' }],
		match: async ({ calls }) => (calls.length > 0 ? [0] : []),
		score: async () => []
	};

	it('says in the last event what the end is worth', async () => {
		const { tree, events } = await run(job([3], { beam: 2 }, { scorer: new Scorer(guiding, scoring(0.25)) }));
		expect(events.filter((event) => event.verdict)).toEqual([events.at(-1)]);
		expect(tree.verdict).toEqual({ score: 0.25, components: [{ name: 'calls', value: 0.25 }] });
		expect(scoreOfTree(tree)).toBe(0.25);
		expect(resultOf(tree)).toBe('failed');
	});

	it('may not know', async () => {
		const { tree } = await run(job([3], { beam: 2 }, { scorer: new Scorer(guiding, scoring('unknown')) }));
		expect(resultOf(tree)).toBe('unknown');
		expect(scoreOfTree(tree)).toBe('unknown');
	});
});
