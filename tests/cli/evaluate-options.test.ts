import { expect, test } from 'vitest';
import { readEvaluateOptions } from '../../src/cli/evaluate/evaluate-options.ts';
import { embedded } from '../../src/cli/model-spec.ts';

const tiny = 'tests/models/fixtures/tiny.gguf';

test('by default the shipped model plays both roles on all of the test split', () => {
	const options = readEvaluateOptions([])!;
	expect(options).toMatchObject({
		split: 'test',
		trials: 1,
		seed: 1,
		parts: {
			strategy: { kind: 'plain' },
			agent: { kind: 'function-calling', sampling: { temperature: 1 } },
			user: { kind: 'goal', sampling: { temperature: 0.3 } }
		}
	});
	expect(options.models).toMatchObject({ agent: embedded, user: embedded, maxTokens: 120 });
	expect(options.scenarios).toBeUndefined();
});

test('another agent still talks to the shipped user', () => {
	const { models } = readEvaluateOptions(['--agent-model', tiny])!;
	expect(models).toMatchObject({ agent: { kind: 'file', path: tiny }, user: embedded });
	expect(models).toMatchObject({ tools: 'auto', maxTokens: 512 });
});

test('--model is an agent that was trained here, and is told as such', () => {
	const { models } = readEvaluateOptions(['--model', tiny])!;
	expect(models).toMatchObject({ agent: { kind: 'file', path: tiny }, tools: 'compact', maxTokens: 120 });
	expect(readEvaluateOptions(['--model', tiny, '--tools', 'hermes'])!.models.tools).toBe('hermes');
});

test.each([
	[['--trials', '0'], '--trials takes 1 to 1000, not 0'],
	[['--model', ''], '--model needs the name of a file'],
	[['--model', 'missing.gguf'], '--model missing.gguf cannot be read: there is no such file.'],
	[['--model', tiny, '--agent-model', tiny], '--model and --agent-model both name the agent'],
	[['--json', ''], '--json needs the name of a file'],
	[['--strategy', 'josh'], "Unknown option '--strategy'"],
	[['--bogus'], "Unknown option '--bogus'"]
])('%j is refused', (args, complaint) => {
	expect(() => readEvaluateOptions(args)).toThrow(complaint);
});
