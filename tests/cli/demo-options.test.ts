import { expect, test } from 'vitest';
import { demoUsage, readDemoOptions } from '../../src/cli/demo/demo-options.ts';
import { partLists } from '../../src/search/compose.ts';

test('the defaults are the figures of the paper', () => {
	expect(readDemoOptions([])).toMatchObject({
		split: 'train',
		seed: 1,
		parts: {
			strategy: { kind: 'josh', beam: 8, maxSteps: 15, fork: 'turn', callPrice: 0 },
			agent: { kind: 'function-calling', sampling: { temperature: 1, maxTokens: 120 } },
			user: { kind: 'goal', sampling: { temperature: 0.3 } },
			reward: { kind: 'goal-calls' }
		}
	});
});

test('the default folder is named after the settings and nothing else', () => {
	const folder = (...args: string[]) => readDemoOptions(args)?.out;
	expect(folder('--workers', '1')).toBe(folder('--workers', '3'));
	for (const flag of ['--scenarios', '--beam', '--seed', '--temperature', '--user-temperature'])
		expect(folder(flag, '2'), flag).not.toBe(folder());
	expect(folder('--split', 'test')).not.toBe(folder());
	for (const flags of [
		['--fork', 'action'],
		['--strategy', 'plain'],
		['--agent', 'react'],
		['--trials', '2'],
		['--pack', 'chat'],
		['--score', 'said']
	])
		expect(folder(...flags), flags.join(' ')).not.toBe(folder());
});

test('parts and their options are flags, from the schemas', () => {
	const { parts } = readDemoOptions([
		...['--strategy', 'best-of-n', '--n', '3', '--max-turns', '9', '--agent', 'react'],
		...[
			'--user',
			'goal',
			'--user-temperature',
			'0.5',
			'--reward',
			'product',
			'--product-of',
			'goal-calls,said'
		]
	])!;
	expect(parts).toMatchObject({
		strategy: { kind: 'best-of-n', n: 3, maxTurns: 9 },
		// Models that come with Joshtree are told of tools in a few words.
		agent: { kind: 'react', tools: 'compact', sampling: { maxTokens: 120 } },
		user: { kind: 'goal', sampling: { temperature: 0.5 } },
		reward: { kind: 'product', of: ['goal-calls', 'said'] }
	});
	expect(parts).not.toHaveProperty('score');
	expect(readDemoOptions(['--credit-whole-turn'])!.parts.strategy).toMatchObject({ creditWholeTurn: true });
	for (const list of Object.values(partLists)) for (const { kind } of list) expect(demoUsage).toContain(kind);
});

test('models other than the embedded one are in the name of the folder', () => {
	const tiny = 'tests/models/fixtures/tiny.gguf';
	const name = (...args: string[]) => readDemoOptions(args)!.out;
	const usual = 'train-24-beam-8-seed-1-agent-1-user-0.3';
	expect(name()).toBe(`out/${usual}`);
	expect(name('--agent-model', 'embedded')).toBe(`out/${usual}`);
	expect(name('--agent-model', tiny)).toBe(`out/tiny-${usual}`);
	expect(name('--agent-model', tiny, '--tools', 'compact')).toBe(`out/tiny-tools-compact-${usual}`);
	expect(name('--agent-model', tiny, '--max-tokens', '9')).toBe(`out/tiny-max-tokens-9-${usual}`);
	expect(name('--user-model', tiny)).toBe(`out/embedded-with-tiny-${usual}`);
	expect(name('--agent-model', 'http://h:1#a/b')).toBe(`out/a_b-${usual}`);
});

test('one model plays both roles unless another is named', () => {
	const { models } = readDemoOptions(['--agent-model', 'http://h:1/v1#a'], { OPENAI_API_KEY: 'k' })!;
	expect(models).toMatchObject({ maxTokens: 512, tools: 'auto', keys: { agent: 'k', user: 'k' } });
	expect(models.user).toBe(models.agent);
});

test.each([
	[['--agent-model', 'none.gguf'], '--agent-model none.gguf cannot be read: there is no such file'],
	[['--user-model', 'http://h:1'], '--user-model http://h:1 does not say which model'],
	[['--tools', 'native'], '--tools: embedded comes with Joshtree and is always told in a few words'],
	[['--agent-model', 'webllm:x', '--tools', 'native'], 'web-llm has no form of its own'],
	[['--beam', '0'], '--beam takes 1 to 1024, not 0'],
	[['--agent', 'ghost'], '--agent takes function-calling, react, not "ghost"'],
	[['--strategy', 'plain', '--beam', '2'], '--beam: none of the chosen parts has it (--strategy plain'],
	[['--reward', 'product', '--product-of', 'said,luck'], '--product-of takes goal-calls'],
	[['--scenarios', '1.5'], '--scenarios takes a whole number'],
	[['--scenarios', '0'], '--scenarios takes 1 to 100000, not 0'],
	[['--scenarios', '1e9'], '--scenarios takes a whole number from 1 to 100000, not "1e9"'],
	[['--scenarios', 'NaN'], '--scenarios takes a whole number'],
	[['--scenarios=-5'], '--scenarios takes a whole number from 1 to 100000, not "-5"'],
	[['--scenarios', '-5'], "use '--scenarios=-XYZ'"],
	[['--seed', '4294967296'], '--seed takes 0 to 4294967295'],
	[['--split', 'all'], '--split takes train, val, test, not "all"'],
	[['--temperature', 'warm'], '--temperature takes a number'],
	[['--user-temperature', '9'], '--user-temperature takes 0 to 5'],
	[['--workers', ''], '--workers takes a whole number'],
	[['--out', ''], '--out needs the name of a folder'],
	[['--bogus'], "Unknown option '--bogus'"],
	[['--beam'], "Option '--beam <value>' argument missing"],
	[['extra'], "Unexpected argument 'extra'"]
])('%j is refused', (args, complaint) => {
	expect(() => readDemoOptions(args)).toThrow(complaint);
});
