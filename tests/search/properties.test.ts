import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, pending, plant } from '../../src/search/fold.ts';
import type { SearchEvent } from '../../src/search/events.ts';
import type { TraceConfig } from '../../src/search/josh/replay/protocol.ts';
import { replayTrace, traceRules } from '../../src/search/josh/replay/replay.ts';
import { search, type SearchJob } from '../../src/search/search.ts';
import { nodeAt, transcript, walk, type SearchTree } from '../../src/search/tree.ts';
import type { SearchOptions } from '../../src/search/josh/options.ts';
import { deepFreeze, environment, job, rulesOf } from './fakes.ts';

const config: fc.Arbitrary<TraceConfig> = fc.record({
	seed: fc.nat(),
	beam: fc.integer({ min: 1, max: 9 }),
	tries: fc.integer({ min: 1, max: 4 }),
	max_steps: fc.integer({ min: 1, max: 10 }),
	rewards: fc.array(fc.constantFrom('a0', 'a1', 'a2', 'a3'), { maxLength: 5 }),
	alphabet: fc.integer({ min: 3, max: 30 }),
	max_actions: fc.integer({ min: 0, max: 3 }),
	agent_raise_pm: fc.constantFrom(0, 60, 300),
	agent_none_pm: fc.constantFrom(0, 60),
	tool_pm: fc.constantFrom(0, 200, 500),
	user_raise_pm: fc.constantFrom(0, 0, 30),
	user_end_pm: fc.constantFrom(0, 100, 400),
	max_user_msgs: fc.integer({ min: 0, max: 2 }),
	opening: fc.constantFrom([], ['hi'], ['hi', 'there']),
	content: fc.constantFrom('unique', 'coarse', 'constant'),
	error_mode: fc.constantFrom('messages_only', 'both', 'both_reset')
});

const options = fc.record({
	quirks: fc.constantFrom('published', 'fixed'),
	creditWholeTurn: fc.boolean(),
	restarts: fc.integer({ min: 0, max: 2 }),
	fork: fc.constantFrom('turn', 'action'),
	callPrice: fc.constantFrom(0, 0.02)
});

/** All trees of a search, from the first to the last. */
function grow(rules: Parameters<typeof plant>[0], events: readonly SearchEvent[]): SearchTree[] {
	const trees = [plant(rules)];
	for (const event of events) trees.push(apply(trees.at(-1)!, event));
	return trees;
}

async function forAnySearch(
	check: (trees: readonly SearchTree[], events: readonly SearchEvent[]) => void
): Promise<void> {
	await fc.assert(
		fc.asyncProperty(config, options, async (config, options) => {
			const { events } = await replayTrace(config, options);
			check(grow(traceRules(config, options), events), events);
		}),
		{ numRuns: 150 }
	);
}

describe('any search', { timeout: 60_000 }, () => {
	it('never has more open leaves than the beam', async () => {
		await forAnySearch((trees) => {
			for (const { leaves, rules } of trees)
				expect(leaves.length).toBeLessThanOrEqual((rules.strategy as unknown as SearchOptions).beam);
		});
	});

	it('has as leaves its open childless nodes, in depth-first order', async () => {
		await forAnySearch((trees) => {
			for (const tree of trees) {
				const open = [...walk(nodeAt(tree, tree.root))].filter(
					// Childless nodes that an earlier start from this root left behind are all over.
					(node) => node.children.length === 0 && !node.over
				);
				if (tree.restarts === 0) expect(tree.leaves).toEqual(open.map(({ path }) => path));
			}
		});
	});

	it('has a golden path that is a chain of goals', async () => {
		await forAnySearch((trees) => {
			const tree = trees.at(-1)!;
			const { collapses, left, goals, done } = tree;
			let root = '';
			for (const { from, to, earned, hits } of collapses) {
				expect(from).toBe(root);
				expect(to.startsWith(from)).toBe(true);
				expect(earned.length).toBeGreaterThan(0);
				expect(hits[0]!.path).toBe(to);
				root = to;
			}
			expect(tree.root).toBe(root);
			const golden = [...walk(tree.top)].filter((node) => node.golden).map(({ path }) => path);
			expect(golden).toEqual(
				collapses.length === 0 ? [] : Array.from({ length: root.length + 1 }, (_, i) => root.slice(0, i))
			);

			const isHalfMarked = done?.reason === 'error' && done.cause === 'rewards';
			if (isHalfMarked) return;
			const earned = collapses.flatMap((collapse) => collapse.earned);
			const positions = goals.map((_, position) => position);
			expect([...earned, ...left].sort((a, b) => a - b)).toEqual(positions);
			expect(tree.reward).toBe(positions.length === 0 ? 0 : earned.length / positions.length);
		});
	});

	it('is the same tree when its events are folded again, after a trip through JSON', async () => {
		await forAnySearch((trees, events) => {
			const stored = JSON.parse(JSON.stringify(events)) as SearchEvent[];
			const { rules, ...again } = grow(trees[0]!.rules, stored).at(-1)!;
			const { rules: _, ...tree } = trees.at(-1)!;
			expect(again).toEqual(tree);
			expect(rules).toEqual(trees[0]!.rules);
		});
	});

	it('leaves the tree that it is given as it is', async () => {
		await forAnySearch((trees, events) => {
			let tree = deepFreeze(plant(trees[0]!.rules));
			for (const event of events) tree = deepFreeze(apply(tree, deepFreeze(event)));
		});
	});

	it('copies nothing when it forks', async () => {
		await forAnySearch((trees) => {
			for (const [index, tree] of trees.slice(1).entries()) {
				const before = new Map([...walk(trees[index]!.top)].map((node) => [node.path, node]));
				for (const node of walk(tree.top)) {
					const old = before.get(node.path);
					if (!old) expect(node.entries).toEqual([]);
					else old.entries.forEach((entry, i) => expect(node.entries[i]).toBe(entry));
				}
			}
		});
	});

	it('emits no example twice, and none that ends with the user', async () => {
		await forAnySearch((trees) => {
			const { examples } = trees.at(-1)!;
			const keys = examples.map(({ messages, successful, golden }) =>
				JSON.stringify([messages.map(({ role, content }) => [role, content]), successful, golden])
			);
			expect(new Set(keys).size).toBe(keys.length);
			for (const { messages } of examples) {
				if (messages.some(({ role }) => role !== 'user')) expect(messages.at(-1)!.role).not.toBe('user');
				else expect(messages.length).toBeLessThanOrEqual(1);
			}
		});
	});
});

const jobs: fc.Arbitrary<SearchJob> = fc
	.record({
		numbers: fc.array(fc.nat(11), { minLength: 1, maxLength: 4 }),
		seed: fc.nat(),
		beam: fc.integer({ min: 1, max: 8 }),
		quirks: fc.constantFrom('published', 'fixed'),
		restarts: fc.integer({ min: 0, max: 1 })
	})
	.map(({ numbers, seed, ...options }) => job(numbers, options, { seed }));

async function run(job: SearchJob): Promise<{ events: SearchEvent[]; tree: SearchTree }> {
	const events: SearchEvent[] = [];
	const steps = search(job);
	for (;;) {
		const next = await steps.next();
		if (next.done) return { events, tree: next.value };
		events.push(next.value);
	}
}

/** Takes one step at a time, each in a search of its own that is abandoned after it. */
async function runStepByStep(job: SearchJob): Promise<SearchEvent[]> {
	const history: SearchEvent[] = [];
	for (;;) {
		const steps = search({ ...job, history });
		const next = await steps.next();
		if (next.done) return history;
		history.push(next.value);
		await steps.return(undefined as never);
	}
}

describe('the driver', { timeout: 60_000 }, () => {
	it('gives the same events however its steps are scheduled', async () => {
		await fc.assert(
			fc.asyncProperty(jobs, async (job) => {
				expect(await runStepByStep(job)).toEqual((await run(job)).events);
			}),
			{ numRuns: 30 }
		);
	});

	it('gives the same events and tree when it goes on from any of them', async () => {
		await fc.assert(
			fc.asyncProperty(jobs, async (job) => {
				const { events, tree } = await run(job);
				for (let n = 0; n <= events.length; n += 1 + Math.floor(events.length / 20)) {
					// As it comes from a store: none of the objects that the first run knew.
					const history = JSON.parse(JSON.stringify(events.slice(0, n))) as SearchEvent[];
					const rest = await run({ ...job, history });
					expect(rest.events).toEqual(events.slice(n));
					expect({ ...rest.tree, rules: null }).toEqual({ ...tree, rules: null });
				}
			}),
			{ numRuns: 20 }
		);
	});

	it('grows the tree that its events describe', async () => {
		await fc.assert(
			fc.asyncProperty(jobs, async (job) => {
				const { events, tree } = await run(job);
				const folded = grow(rulesOf(job), events).at(-1)!;
				expect({ ...folded, rules: null }).toEqual({ ...tree, rules: null });
				expect(pending(folded)).toEqual([]);
				expect(events.map(({ n }) => n)).toEqual(events.map((_, i) => i));
			}),
			{ numRuns: 30 }
		);
	});

	it('threads the state of the environment along each branch', async () => {
		const { tree } = await run(job([99], { beam: 4 }));
		for (const node of walk(tree.top)) {
			const calls = transcriptCalls(tree, node.path);
			expect(calls).toEqual(calls.map((_, i) => ({ count: i + 1 })));
		}
		expect(await environment.initial(job([1]).scenario)).toEqual({ picks: [] });
	});
});

function transcriptCalls(tree: SearchTree, path: string): unknown[] {
	expect(transcript(tree, path).length).toBeGreaterThan(0);
	const lines: unknown[] = [];
	for (let depth = 0; depth <= path.length; depth++) {
		for (const entry of nodeAt(tree, path.slice(0, depth)).entries)
			if (entry.kind === 'agent') lines.push(...(entry.calls ?? []).map(({ result }) => result));
	}
	return lines;
}
