import { describe, expect, it } from 'vitest';
import { checkRunConfig, createRunConfig, defaultWorkers, firstScenarios } from '../../src/run/config.ts';

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
		expect(firstScenarios(environment, 'train', 2)).toEqual(['a', 'b']);
		expect(() => firstScenarios(environment, 'test', 2)).toThrow(
			/test split of "desk" has 1 scenarios, not 2/
		);
	});

	it('leaves one core free and never asks for no worker', () => {
		expect([1, 2, 4, 64].map(defaultWorkers)).toEqual([1, 1, 3, 8]);
	});
});
