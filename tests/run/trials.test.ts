import { expect, test } from 'vitest';
import type { TrialRow } from '../../src/evaluation/trial.ts';
import { runTrials, type TrialsJob } from '../../src/run/trials.ts';
import { environment as base, scenario } from '../search/fakes.ts';
import { FakeModel, named } from '../talk/fake-model.ts';

const environment = { ...base, scenarios: ['a', 'b'].map((id) => ({ ...scenario([3]), id })) };
const settings = { seed: 1, agentTemperature: 1, userTemperature: 0.3, maxTokens: 120 };
const both = ['a', 'b'].map((id) => ({ scenario: id, trial: 0 }));

async function rowsOf(job: Partial<TrialsJob>): Promise<TrialRow[]> {
	const rows: TrialRow[] = [];
	await runTrials({
		environment,
		agent: new FakeModel(),
		user: new FakeModel(),
		settings,
		trials: both,
		atOnce: 1,
		onTrial: ({ row }) => void rows.push(row),
		...job
	});
	return rows;
}

test('each trial becomes a row, agent and user drawn at their own temperatures', async () => {
	const agent = new FakeModel({ call: 'pick', arguments: { number: 3 } }, 'One.', 'Hello.');
	const user = new FakeModel('Hello.', 'BYE', 'Hello.', 'BYE');
	const rows = await rowsOf({ agent, user });
	expect(rows.map(({ scenario, success }) => [scenario, success])).toEqual([
		['a', true],
		['b', false]
	]);
	expect(agent.requests.map(({ sampling }) => sampling.temperature)).toEqual([1, 1, 1]);
	expect(user.requests[0]!.sampling.temperature).toBe(0.3);
	expect(rows[0]!.seconds).toBeGreaterThan(0);
});

test('nothing is begun after a model that is gone, and nothing is told of a conversation it cut off', async () => {
	const user = new FakeModel(named('ModelLoadError', 'gone'), 'Hello.', 'BYE');
	await expect(rowsOf({ user })).rejects.toThrow('gone');
	expect(user.requests).toHaveLength(1);
});

test('an unknown scenario is named', async () => {
	await expect(rowsOf({ trials: [{ scenario: 'z', trial: 0 }] })).rejects.toThrow('no scenario z');
});
