import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ExecutedCall } from '../../src/environment/environment.ts';
import { apply, firstPending, plant } from '../../src/search/fold.ts';
import { defaultSearchOptions, type SearchOptions } from '../../src/search/josh/options.ts';
import { parseTraces } from '../../src/search/josh/replay/protocol.ts';
import { replayTrace } from '../../src/search/josh/replay/replay.ts';
import { Scorer } from '../../src/search/scoring.ts';
import { conversation, nodeAt, type SearchTree } from '../../src/search/tree.ts';
import type { AgentStep } from '../../src/talk/participants.ts';
import { exactReward } from '../../src/talk/rewards/exact-calls.ts';

const tokens = { prompt: 0, completion: 0 };
const call = (name: string): ExecutedCall => ({ name, arguments: {}, result: null, ok: true });
const said = { role: 'assistant', content: 'said', seenBy: 'both' } as const;
const outOfTries = { role: 'assistant', content: 'out of tries', seenBy: 'both' } as const;

/** A search with one branch; each step of the agent is given, and the user always answers. */
async function grow(
	goals: readonly string[],
	steps: readonly Omit<AgentStep, 'tokens' | 'messages'>[],
	options: Partial<SearchOptions>
): Promise<SearchTree> {
	const reward = exactReward(goals.map((name) => ({ name, arguments: {} })));
	const scorer = new Scorer(reward);
	let tree = plant({
		scenario: 'minimal',
		strategy: { kind: 'josh', ...defaultSearchOptions, beam: 1, ...options },
		goals: reward.goals,
		opening: [{ role: 'user', content: 'hi', seenBy: 'both' }],
		exhausted: { messages: [outOfTries] }
	});
	for (const step of steps) {
		const agent = firstPending(tree)!;
		if (agent.kind !== 'agent') throw new Error('an agent step was expected');
		tree = apply(tree, await scorer.judge(tree, { ...agent, ...step, messages: [said], tokens }, {}));
		const user = firstPending(tree);
		if (user?.kind !== 'user') continue;
		const messages = [{ role: 'user', content: 'go on', seenBy: 'both' }] as const;
		tree = apply(tree, { ...user, messages, over: false, tokens, n: tree.events });
	}
	return tree;
}

describe('what `fixed` changes', () => {
	it('Q1: a step that fails at once is not credited for the calls of the step before it', async () => {
		// One `a` was made, two are wanted.
		const steps = [
			{ outcome: 'finished', calls: [call('a')] },
			{ outcome: 'raised', error: 'broken' }
		] as const;
		expect((await grow(['a', 'a'], steps, { quirks: 'published' })).left).toEqual([]);
		const fixed = await grow(['a', 'a'], steps, { quirks: 'fixed' });
		expect(fixed.left).toEqual([1]);
		expect(fixed.done).toEqual({ reason: 'ended' });
	});

	it('Q1: nor for calls it made itself before it failed', async () => {
		const steps = [{ outcome: 'raised', calls: [call('a')], error: 'broken' }] as const;
		expect((await grow(['a'], steps, { quirks: 'published' })).reward).toBe(1);
		expect((await grow(['a'], steps, { quirks: 'fixed' })).reward).toBe(0);
	});

	it('Q2: a leaf that finishes on the last try is not told that its tries are used up', async () => {
		const steps = [
			{ outcome: 'continue', calls: [] },
			{ outcome: 'finished', calls: [] }
		] as const;
		const kinds = async (quirks: SearchOptions['quirks']) =>
			nodeAt(await grow(['a'], steps, { quirks, tries: 2 }), '').entries.map(({ kind }) => kind);
		expect(await kinds('published')).toEqual(['opening', 'agent', 'agent', 'exhausted', 'user']);
		expect(await kinds('fixed')).toEqual(['opening', 'agent', 'agent', 'user']);
	});

	it('Q4: a call made more often than it is wanted counts as often as it is wanted', async () => {
		const steps = [{ outcome: 'finished', calls: [call('a'), call('a'), call('b')] }] as const;
		const published = await grow(['a', 'b', 'c'], steps, { quirks: 'published' });
		expect(published.done).toMatchObject({ reason: 'error', cause: 'rewards' });
		// Half marked, as the paper's code leaves it.
		expect(published.left).toEqual([1, 2]);
		expect(nodeAt(published, '')).toMatchObject({ successful: true, golden: false });

		const fixed = await grow(['a', 'b', 'c'], steps, { quirks: 'fixed' });
		expect(fixed.done).toBeUndefined();
		expect(fixed.left).toEqual([2]);
		expect(nodeAt(fixed, '')).toMatchObject({ successful: false, golden: true });
	});

	it('changes these recorded searches and no others', async () => {
		const why = {
			35: 'Q2',
			36: 'Q2',
			87: 'Q1',
			111: 'Q4',
			115: 'Q4',
			180: 'Q2',
			181: 'Q2'
		};
		const { cases } = parseTraces(await readFile('tests/cases/josh-traces.json', 'utf8'));
		const changed: typeof cases = [];
		for (const one of cases) {
			const { record } = await replayTrace(one.config, { quirks: 'fixed' });
			if (JSON.stringify(record) !== JSON.stringify((await replayTrace(one.config)).record))
				changed.push(one);
		}
		expect(changed.map(({ id }) => String(id)).sort()).toEqual(Object.keys(why).sort());

		const tagOf = { Q1: /^agent_raise/, Q2: /^error_message$/, Q4: /^error:ValueError$/ };
		for (const { id, expect: recorded } of changed) {
			const quirk = why[id as keyof typeof why] as keyof typeof tagOf;
			expect(recorded['tags']).toContainEqual(expect.stringMatching(tagOf[quirk]));
		}
	});
});

describe('options beyond the paper', () => {
	it('Q3: the published search credits the first hit of a turn only', async () => {
		const steps = [
			{ outcome: 'continue', calls: [call('a')] },
			{ outcome: 'finished', calls: [call('b')] }
		] as const;
		expect((await grow(['a', 'b'], steps, {})).left).toEqual([1]);
		expect((await grow(['a', 'b'], steps, { creditWholeTurn: true })).left).toEqual([]);
	});

	it('Q23: starts again from the last root, as it was, when all branches have ended', async () => {
		const steps = [
			{ outcome: 'finished', calls: [call('a')] },
			{ outcome: 'over', calls: [] },
			{ outcome: 'finished', calls: [call('b')] }
		] as const;
		expect((await grow(['a', 'b'], steps.slice(0, 2), {})).done).toEqual({ reason: 'ended' });

		const again = await grow(['a', 'b', 'c'], steps.slice(0, 2), { restarts: 1 });
		expect(again.done).toBeUndefined();
		// The node became the root before the user answered: the user has answered again.
		expect(conversation(again, 'S').map(({ kind }) => kind)).toEqual(['opening', 'agent', 'user']);
		expect(firstPending(again)).toEqual({ kind: 'agent', path: 'S', turn: 0, try: 0 });

		const earned = await grow(['a', 'b', 'c'], steps, { restarts: 1 });
		expect(earned).toMatchObject({ root: 'S', left: [2], restarts: 0 });
		const twice = await grow(['a', 'b'], [steps[0], steps[1], steps[1]], { restarts: 2 });
		expect(firstPending(twice)).toMatchObject({ path: 'SS' });
		expect((await grow(['a', 'b'], [steps[0], steps[1], steps[1]], { restarts: 1 })).done).toEqual({
			reason: 'ended'
		});
	});
});
