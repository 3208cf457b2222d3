import { describe, expect, it } from 'vitest';
import { compareRuns, type ComparedRun } from '../../bench/soak/compare.ts';
import { killKinds, plannedKills } from '../../bench/soak/kills.ts';
import type { ScenarioEvent } from '../../src/store/run-store.ts';
import { search } from '../../src/search/search.ts';
import { environment as bare, job, scenario } from '../search/fakes.ts';

const environment = { ...bare, scenarios: ['one', 'two'].map((id) => scenario([1, 2, 3], id)) };
const { strategy } = job([1]);

async function eventsOf(id: string, seed = 1): Promise<ScenarioEvent[]> {
	const events: ScenarioEvent[] = [];
	const task = { ...job([1, 2, 3], {}, { seed }), scenario: scenario([1, 2, 3], id) };
	for await (const event of search(task)) events.push({ scenario: id, event });
	return events;
}

/** A run of these events, in which those of the first scenario have ended. */
function run(events: readonly ScenarioEvent[], earned = 3): ComparedRun {
	return {
		events,
		rows: [{ scenario: 'one', standing: 'passed', earned, goals: 3, events: 1 }]
	};
}

describe('compareRuns', () => {
	it('finds nothing where both are equal, or one is the beginning of the other', async () => {
		const [one, two] = [await eventsOf('one'), await eventsOf('two')];
		const begun = two.slice(0, -3);
		expect(compareRuns(environment, { strategy }, run([...one, ...begun]), run([...two, ...one]))).toEqual({
			finished: 1,
			unfinished: 1,
			steps: one.length + begun.length,
			differences: []
		});
	});

	it('names the first step that differs', async () => {
		const [one, other] = [await eventsOf('one', 1), await eventsOf('one', 2)];
		expect(compareRuns(environment, { strategy }, run(one), run(other)).differences).toEqual([
			'one: step 0 differs'
		]);
		const changed = one.map((event, index) =>
			index === 4 ? { ...event, event: { ...event.event, tokens: { prompt: 7, completion: 7 } } } : event
		);
		expect(compareRuns(environment, { strategy }, run(changed), run(one)).differences).toEqual([
			'one: step 4 differs'
		]);
	});

	it('notices a step that was lost or is missing in the undisturbed run', async () => {
		const one = await eventsOf('one');
		const gap = [...one.slice(0, 3), ...one.slice(4)];
		expect(compareRuns(environment, { strategy }, run(gap), run(one)).differences).toEqual([
			'one: step 3 differs'
		]);
		expect(compareRuns(environment, { strategy }, run(one), run(one.slice(0, 5))).differences).toEqual([
			'one: step 5 differs'
		]);
	});
});

describe('compareRuns of summaries', () => {
	it('notices one that differs or is missing', async () => {
		const one = await eventsOf('one');
		const differences = (disturbed: ComparedRun) =>
			compareRuns(environment, { strategy }, disturbed, run(one)).differences;
		expect(differences(run(one))).toEqual([]);
		expect(differences(run(one, 2))).toEqual([expect.stringMatching(/^one: summarized as .*"earned":2/)]);
		expect(differences({ events: one, rows: [] })).toEqual([
			expect.stringMatching(/^one: summarized as null/)
		]);
	});
});

describe('plannedKills', () => {
	it('plans every kind about as often, in order of time, the same for the same seed', () => {
		const kills = plannedKills(3, 20, 1000);
		expect(kills).toEqual(plannedKills(3, 20, 1000));
		expect(kills).not.toEqual(plannedKills(4, 20, 1000));
		expect(kills.map(({ at }) => at)).toEqual(kills.map(({ at }) => at).sort((a, b) => a - b));
		expect(kills.every(({ at }) => at > 0 && at < 1000)).toBe(true);
		for (const kind of killKinds) expect([6, 7]).toContain(kills.filter((kill) => kill.kind === kind).length);
	});
});
