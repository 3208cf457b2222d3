import { expect, test } from 'vitest';
import { readEvaluateOptions } from '../../src/cli/evaluate-options.ts';

test('by default the shipped model plays both roles on all of the test split', () => {
	const options = readEvaluateOptions([])!;
	expect(options).toMatchObject({ split: 'test', trials: 1, seed: 1, temperature: 1, userTemperature: 0.3 });
	expect(options.userModel).toBe(options.model);
	expect(options.scenarios).toBeUndefined();
});

test('another agent still talks to the shipped user', () => {
	const options = readEvaluateOptions(['--model', 'mine.gguf'])!;
	expect(options.model).toBe('mine.gguf');
	expect(options.userModel).toMatch(/embedded\.gguf$/);
});

test.each([
	[['--trials', '0'], '--trials takes 1 to 1000, not 0'],
	[['--model', ''], '--model needs the name of a file'],
	[['--json', ''], '--json needs the name of a file'],
	[['--bogus'], "Unknown option '--bogus'"]
])('%j is refused', (args, complaint) => {
	expect(() => readEvaluateOptions(args)).toThrow(complaint);
});
