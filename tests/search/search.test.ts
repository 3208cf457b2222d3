import { describe, expect, it } from 'vitest';
import type { ExecutedCall } from '../../src/environment/environment.ts';
import { apply, pending, plant } from '../../src/search/fold.ts';
import type { SearchEvent } from '../../src/search/events.ts';
import { runSearches, type RunReport } from '../../src/search/run.ts';
import { search, type SearchJob } from '../../src/search/search.ts';
import { isPruned, nodeAt } from '../../src/search/tree.ts';
import type { Agent } from '../../src/talk/participants.ts';
import { exactReward } from '../../src/talk/rewards/exact-calls.ts';
import { job, rulesOf, scenario, seededAgent } from './fakes.ts';

async function eventsOf(job: SearchJob, limit = Infinity): Promise<SearchEvent[]> {
	const events: SearchEvent[] = [];
	for await (const event of search(job)) {
		events.push(event);
		if (events.length >= limit) break;
	}
	return events;
}

const base = job([3, 7], { beam: 4 });

describe('search', () => {
	it('begins with the user, forks, and asks for all leaves at once', async () => {
		let tree = plant(rulesOf(base));
		expect(pending(tree)).toEqual([{ kind: 'user', path: '', turn: 0 }]);
		const events = await eventsOf(base, 3);
		tree = apply(tree, events[0]!);
		expect(pending(tree)).toEqual([
			{ kind: 'agent', path: 'L', turn: 0, try: 0 },
			{ kind: 'agent', path: 'R', turn: 0, try: 0 }
		]);
		expect(events.slice(1).map(({ n, path }) => [n, path])).toEqual([
			[1, 'L'],
			[2, 'R']
		]);
	});

	it('ignores that the user hangs up at once, but not that it fails', () => {
		const opening = {
			kind: 'user',
			n: 0,
			path: '',
			turn: 0,
			messages: [],
			tokens: { prompt: 0, completion: 0 }
		} as const;
		const planted = plant(rulesOf(base));
		expect(apply(planted, { ...opening, over: true }).done).toBeUndefined();
		expect(apply(planted, { ...opening, over: true, error: 'no words' })).toMatchObject({
			done: { reason: 'ended' },
			top: { over: { by: 'user', error: 'no words' } }
		});
	});

	it('keeps what a collapse discards and can tell it', async () => {
		const events = search(base);
		let next = await events.next();
		while (!next.done) next = await events.next();
		const tree = next.value;
		expect(tree.collapses.length).toBeGreaterThan(0);
		const { to } = tree.collapses[0]!;
		const sibling = to.slice(0, -1) + (to.endsWith('L') ? 'R' : 'L');
		expect(nodeAt(tree, sibling).entries.length).toBeGreaterThan(0);
		expect(isPruned(tree, sibling)).toBe(true);
		expect(isPruned(tree, to)).toBe(false);
		expect(isPruned(tree, '')).toBe(false);
	});

	it('gives every generation a seed of its own that no scheduling changes', async () => {
		const seeds = new Map<string, number>();
		const agent: Agent = {
			step(transcript, state, context) {
				return seededAgent(12).step(transcript, state, {
					...context,
					seed: (attempt) => {
						const seed = context.seed(attempt);
						seeds.set(`${seeds.size}`, seed);
						return seed;
					}
				});
			}
		};
		await eventsOf({ ...base, agent });
		expect(new Set(seeds.values()).size).toBe(seeds.size);
		const first = await eventsOf({ ...base, seed: 1 });
		expect(await eventsOf({ ...base, seed: 2 })).not.toEqual(first);
		expect(await eventsOf({ ...base, trial: 1 })).not.toEqual(first);
		expect(await eventsOf({ ...base, trial: 0 })).toEqual(first);
	});

	it('refuses options that make no search', () => {
		expect(() => plant({ ...rulesOf(base), strategy: { ...base.strategy, beam: 0 } })).toThrow(/beam/);
	});
});

describe('pausing', () => {
	it('drops the steps under way, and goes on later as if nothing had been', async () => {
		const whole = await eventsOf(base);
		const pause = new AbortController();
		let steps = 0;
		const agent: Agent = {
			async step(transcript, state, context) {
				if (++steps > 5) {
					// Never answers, as a model that is slow.
					pause.abort();
					await new Promise((_, reject) =>
						context.signal!.aborted
							? reject(context.signal!.reason)
							: context.signal!.addEventListener('abort', () => reject(context.signal!.reason))
					);
				}
				return seededAgent(12).step(transcript, state, context);
			}
		};
		const before = await eventsOf({ ...base, agent, signal: pause.signal });
		expect(before.length).toBeLessThan(whole.length);
		const after = await eventsOf({ ...base, history: before });
		expect([...before, ...after]).toEqual(whole);
	});

	it('ends the steps under way when whoever listens goes away', async () => {
		let aborted = 0;
		const agent: Agent = {
			async step(transcript, state, context) {
				context.signal!.addEventListener('abort', () => aborted++);
				return seededAgent(12).step(transcript, state, context);
			}
		};
		await eventsOf({ ...base, agent }, 2);
		expect(aborted).toBe(2);
	});

	it('begins nothing once it is aborted', async () => {
		expect(await eventsOf({ ...base, signal: AbortSignal.abort() })).toEqual([]);
	});
});

describe('a history that does not fit', () => {
	const change = (n: number, change: (event: SearchEvent) => unknown) => async () => {
		const history = await eventsOf(base);
		return history.map((event) => (event.n === n ? (change(event) as SearchEvent) : event));
	};
	it.each([
		[
			'a gap',
			async () => (await eventsOf(base)).filter(({ n }) => n !== 4),
			/scenario one, event 5: expected event 4/
		],
		['another branch', change(2, (event) => ({ ...event, path: 'LL' })), /event 2: .*'LL'.* but .*'R'/],
		[
			'another speaker',
			change(1, (event) => ({ ...event, kind: 'user' })),
			/event 1: it is a step of the user/
		],
		['another try', change(1, (event) => ({ ...event, try: 2 })), /event 1: .*try 2, but .*try 0/],
		[
			'more than the whole',
			async () => {
				const events = await eventsOf(base);
				return [...events, { ...events.at(-1)!, n: events.length }];
			},
			/the search was finished before it/
		],
		[
			'another result of a call',
			change(1, (event) => ({
				...event,
				calls: [{ name: 'pick', arguments: { number: 1 }, result: { count: 5 }, ok: true }]
			})),
			/scenario one, event 1: pick returned \{"count":5\}, but now returns \{"count":1\}/
		]
	])('%s', async (_what, make, message) => {
		const history = await make();
		await expect(eventsOf({ ...base, history })).rejects.toMatchObject({
			name: 'HistoryError',
			message: expect.stringMatching(message)
		});
	});
});

describe('a participant that throws', () => {
	it('stops the search with its place, and aborts the others', async () => {
		let aborted = false;
		const agent: Agent = {
			async step(transcript, state, context) {
				context.signal!.addEventListener('abort', () => (aborted = true));
				if (transcript.length > 2) throw new TypeError('a bug');
				return seededAgent(100).step(transcript, state, context);
			}
		};
		await expect(eventsOf({ ...base, agent })).rejects.toMatchObject({
			name: 'SearchError',
			message: expect.stringMatching(/^scenario one, agent at path '[LR]+', turn 0: a bug$/)
		});
		expect(aborted).toBe(true);
	});
});

describe('many scenarios side by side', () => {
	const jobs = ['a', 'b', 'c', 'd', 'e'].map((id) =>
		job([3, 7], { beam: 4 }, { scenario: scenario([3, 7], id) })
	);

	async function collect(reports: AsyncIterable<RunReport>): Promise<RunReport[]> {
		const all: RunReport[] = [];
		for await (const report of reports) all.push(report);
		return all;
	}

	it('gives each the events that it gives alone, and interleaves them', async () => {
		const reports = await collect(runSearches(jobs, { concurrency: 3 }));
		for (const job of jobs) {
			const own = reports.filter(({ scenario }) => scenario === job.scenario.id);
			const events = own.flatMap((report) => (report.type === 'event' ? [report.event] : []));
			expect(events).toEqual(await eventsOf(job));
			expect(own.at(-1)).toMatchObject({ type: 'finished' });
		}
		const order = reports.map(({ scenario }) => scenario);
		expect(order.indexOf('b')).toBeLessThan(order.lastIndexOf('a'));
	});

	it('never has more under way than it may', async () => {
		let running = 0;
		let most = 0;
		const started = new Set<string>();
		const agent: Agent = {
			async step(transcript, state, context) {
				if (!started.has(context.scenario.id)) {
					started.add(context.scenario.id);
					most = Math.max(most, ++running);
				}
				return seededAgent(12).step(transcript, state, context);
			}
		};
		for await (const report of runSearches(
			jobs.map((job) => ({ ...job, agent })),
			{ concurrency: 2 }
		))
			if (report.type === 'finished') running--;
		expect(most).toBeLessThanOrEqual(3);
	});

	it('reports a scenario that fails and searches the others', async () => {
		const broken: Agent = { step: () => Promise.reject(new Error('no model')) };
		const mixed = jobs.map((job) => (job.scenario.id === 'b' ? { ...job, agent: broken } : job));
		const reports = await collect(runSearches(mixed, { concurrency: 2 }));
		expect(reports.filter(({ type }) => type === 'failure')).toMatchObject([
			{ scenario: 'b', reason: expect.stringContaining('no model') }
		]);
		expect(reports.filter(({ type }) => type === 'finished').length).toBe(4);
	});

	it('stops when it is aborted, without failures', async () => {
		const pause = new AbortController();
		let steps = 0;
		const agent: Agent = {
			async step(transcript, state, context) {
				if (++steps === 5) pause.abort();
				context.signal!.throwIfAborted();
				return seededAgent(12).step(transcript, state, context);
			}
		};
		const paused = jobs.map((job) => ({ ...job, agent }));
		const reports = await collect(runSearches(paused, { concurrency: 2, signal: pause.signal }));
		expect(reports.filter(({ type }) => type !== 'event')).toEqual([]);
		expect(new Set(reports.map(({ scenario }) => scenario))).toEqual(new Set(['a', 'b']));
	});
});

describe('exact rewards', () => {
	const match = (
		wanted: Parameters<typeof exactReward>[0],
		calls: readonly ExecutedCall[],
		left: readonly number[]
	) => exactReward(wanted).match({ by: 'agent', calls, messages: [], transcript: [], state: {} }, left);

	it('match equal calls in order, and know when their copies are used up', async () => {
		const call = (name: string, x: number) => ({ name, arguments: { x }, result: null, ok: true });
		const wanted = [call('a', 1), call('b', 1), call('a', 1)];
		expect(await match(wanted, [call('b', 1), call('a', 2), call('a', 1)], [0, 1, 2])).toEqual([1, 0]);
		expect(await match(wanted, [call('a', 1), call('a', 1)], [1, 2])).toEqual([2, 'surplus']);
		expect(await match(wanted, [call('a', 1)], [1])).toEqual([]);
	});

	it('match calls whatever the order of their arguments', async () => {
		const call = (args: object) => ({ name: 'a', arguments: args as never, result: null, ok: true });
		expect(await match([call({ x: 1, y: 2 })], [call({ y: 2, x: 1 })], [0])).toEqual([0]);
	});
});
