import { describe, expect, it } from 'vitest';
import {
	checkRunConfig,
	createRunConfig,
	defaultWorkers,
	fewerScenarios,
	firstScenarios
} from '../../src/run/config.ts';
import type { Scenario } from '../../src/environment/environment.ts';
import { desk } from '../harvest/desk.ts';

const environment = {
	...desk,
	id: 'desk',
	scenarios: [
		{ id: 't1', split: 'test' },
		{ id: 'a', split: 'train' },
		{ id: 'b', split: 'train' },
		{ id: 'c', split: 'train' }
	].map((one) => ({ ...desk.scenarios[0]!, ...one }) as Scenario)
};

describe('a run configuration', () => {
	it('has the defaults of the paper and passes its own check', () => {
		const config = createRunConfig({ scenarios: ['a'] });
		expect(config).toMatchObject({
			seed: 1,
			strategy: { kind: 'josh', beam: 8, maxSteps: 15, quirks: 'fixed', fork: 'turn', callPrice: 0 },
			reward: { kind: 'goal-calls' },
			agent: { sampling: { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens: 120 } },
			user: { sampling: { temperature: 0.3 } }
		});
		expect(() => checkRunConfig(config, environment)).not.toThrow();
	});

	it('is refused with a line for each wrong value', () => {
		const config = createRunConfig({
			scenarios: ['a', 'x', 'a'],
			seed: -1,
			strategy: { kind: 'josh', beam: 1.5, width: 3 },
			agent: { kind: 'function-calling', sampling: { temperature: NaN, maxTokens: 0 } },
			user: { kind: 'ghost' },
			reward: { kind: 'product', of: ['said', 'said'] }
		});
		let message = '';
		try {
			checkRunConfig(config, environment);
		} catch (error) {
			message = (error as Error).message;
		}
		expect(message.split('\n')).toEqual([
			'This run cannot be made:',
			'scenarios: "desk" has no x; choose from its scenarios',
			'scenarios: some are named twice; name each once',
			'seed: must be a whole number from 0 to 4294967295, not -1',
			'strategy.beam: must be a whole number from 1 to 1024, not 1.5',
			'strategy.width: there is no such option; leave it out',
			'agent.sampling.temperature: must be a number from 0 to 5, not NaN',
			'agent.sampling.maxTokens: must be a whole number from 1 to 1000000, not 0',
			'user: there is no "ghost"; there are goal, guide, scripted, person',
			'reward.of: must be a list of some of goal-calls, exact-calls, end-state, said, environment, each once, not Array'
		]);
	});

	it('is refused where a part has nothing to go by', () => {
		const config = createRunConfig({
			scenarios: ['a', 'b'],
			user: { kind: 'guide' },
			reward: { kind: 'said' }
		});
		expect(() => checkRunConfig(config, environment)).toThrow(
			/user "guide" does not fit 2 of the scenarios \(a, b\): it has no annotated dialogue.*\nreward "said" does not fit/
		);
	});

	it('takes the first scenarios of a split, in their order', () => {
		expect(firstScenarios(environment, 'train', 2)).toEqual({ scenarios: ['a', 'b'] });
		expect(firstScenarios(environment, 'train', 3)).toEqual({ scenarios: ['a', 'b', 'c'] });
		expect(firstScenarios(environment, 'train')).toEqual({ scenarios: ['a', 'b', 'c'] });
	});

	it('takes all where more are asked for than there are, and remembers how many those were', () => {
		const chosen = firstScenarios(environment, 'train', 5000);
		expect(chosen).toEqual({ scenarios: ['a', 'b', 'c'], scenariosAsked: 5000 });
		expect(createRunConfig(chosen)).toMatchObject(chosen);
		expect(fewerScenarios(createRunConfig(chosen))).toBe(
			'5,000 scenarios were asked for; only 3 are available, and all are used.'
		);
		expect(fewerScenarios(createRunConfig({ scenarios: ['a'] }))).toBeUndefined();
		expect(createRunConfig({ scenarios: ['a'] })).not.toHaveProperty('scenariosAsked');
	});

	it.each([0, -1, 1.5, NaN, Infinity])('refuses %s as a number of scenarios', (asked) => {
		expect(() => firstScenarios(environment, 'train', asked)).toThrow(/must be a whole number from 1/);
	});

	it('refuses a split without scenarios', () => {
		expect(() => firstScenarios(environment, 'val', 1)).toThrow('The val split of "desk" has no scenarios');
		expect(() => firstScenarios(environment, 'val')).toThrow('Choose another split');
	});

	it('leaves one core free and never asks for no worker', () => {
		expect([1, 2, 4, 64].map(defaultWorkers)).toEqual([1, 1, 3, 8]);
	});
});
