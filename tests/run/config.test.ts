import { describe, expect, it } from 'vitest';
import {
	checkRunConfig,
	createRunConfig,
	defaultWorkers,
	fewerScenarios,
	firstScenarios
} from '../../src/run/config.ts';

const environment = {
	id: 'desk',
	scenarios: [
		{ id: 't1', split: 'test' },
		{ id: 'a', split: 'train' },
		{ id: 'b', split: 'train' },
		{ id: 'c', split: 'train' }
	] as const
};

describe('a run configuration', () => {
	it('has the defaults of the paper and passes its own check', () => {
		const config = createRunConfig({ scenarios: ['a'] });
		expect(config).toMatchObject({
			seed: 1,
			search: { beam: 8, maxSteps: 15, quirks: 'mended' },
			agent: { sampling: { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens: 120 } },
			user: { sampling: { temperature: 0.3 } }
		});
		expect(() => checkRunConfig(config, environment)).not.toThrow();
	});

	it('is refused with a line for each wrong value', () => {
		const config = createRunConfig({
			scenarios: ['a', 'x', 'a'],
			seed: -1,
			beam: 1.5,
			agentTemperature: NaN,
			maxTokens: 0
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
			'search.beam: must be a whole number from 1 to 1024, not 1.5',
			'agent.sampling.temperature: must be a number from 0 to 5, not NaN',
			'agent.sampling.maxTokens: must be a whole number from 1 to 1000000, not 0',
			'user.sampling.maxTokens: must be a whole number from 1 to 1000000, not 0'
		]);
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
