import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../bench/soak/compare.ts';
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

describe('compareRuns', () => {
	it('finds nothing where both are equal, or one is the beginning of the other', async () => {
		const [one, two] = [await eventsOf('one'), await eventsOf('two')];
		const begun = two.slice(0, -3);
		expect(compareRuns(environment, { strategy }, [...one, ...begun], [...two, ...one])).toEqual({
			finished: 1,
			unfinished: 1,
			steps: one.length + begun.length,
			differences: []
		});
	});

	it('names the first step that differs', async () => {
		const [one, other] = [await eventsOf('one', 1), await eventsOf('one', 2)];
		expect(compareRuns(environment, { strategy }, one, other).differences).toEqual(['one: step 0 differs']);
		const changed = one.map((event, index) =>
			index === 4 ? { ...event, event: { ...event.event, tokens: { prompt: 7, completion: 7 } } } : event
		);
		expect(compareRuns(environment, { strategy }, changed, one).differences).toEqual(['one: step 4 differs']);
	});

	it('notices a step that was lost or is missing in the undisturbed run', async () => {
		const one = await eventsOf('one');
		const gap = [...one.slice(0, 3), ...one.slice(4)];
		expect(compareRuns(environment, { strategy }, gap, one).differences).toEqual(['one: step 3 differs']);
		expect(compareRuns(environment, { strategy }, one, one.slice(0, 5)).differences).toEqual([
			'one: step 5 differs'
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
