import { expect, test } from 'vitest';
import { readHarvestServersOptions } from '../../src/cli/harvest/harvest-servers-options.ts';
import { serverSources } from '../../src/cli/model-flags.ts';
import { readShard, shardOf, unsharded } from '../../src/cli/shards.ts';

const server = ['--server', 'node17:8000', '--model', 'Qwen/Qwen3-8B'];
const read = (args: string[], env: Record<string, string> = {}) => {
	const options = readHarvestServersOptions([...server, ...args], env)!;
	return { ...options, ...serverSources(options.models) };
};

test('names the folder after model, settings and shard', () => {
	expect(read([]).out).toBe('out/Qwen_Qwen3-8B-train-24-beam-8-seed-1-agent-1-user-0.3');
	expect(read(['--shard', '3/16']).out).toMatch(/-shard-3-of-16$/);
});

test('one model plays both roles unless another is named', () => {
	expect(read([])).not.toHaveProperty('user');
	expect(read(['--user-server', 'http://node17:8000/v1/'])).not.toHaveProperty('user');
	expect(read(['--user-model', 'small']).user).toMatchObject({ address: 'node17:8000', model: 'small' });
	expect(read(['--user-server', 'node18:8000']).user).toMatchObject({ model: 'Qwen/Qwen3-8B' });
});

test('keys come from the environment, each for its own server', () => {
	const env = { OPENAI_API_KEY: 'a', OTHER: 'b' };
	expect(read([], env).agent.key).toBe('a');
	expect(read([]).agent).not.toHaveProperty('key');
	expect(read(['--user-model', 'small'], env).user!.key).toBe('a');
	expect(read(['--user-server', 'elsewhere:1'], env).user).not.toHaveProperty('key');
	expect(read(['--user-server', 'elsewhere:1', '--user-key-env', 'OTHER'], env).user!.key).toBe('b');
});

test('small models are not greeted unless asked', () => {
	expect(read(['--tools', 'compact']).agent.settings).toMatchObject({ tools: 'compact', greeting: '' });
	expect(read(['--tools', 'compact', '--greeting', 'Hi']).agent.settings).toMatchObject({ greeting: 'Hi' });
	expect(read([]).agent.settings!.greeting).not.toBe('');
});

test('as many scenarios as requests are in flight unless it is said', () => {
	expect(read(['--concurrency', '32']).workers).toBe(32);
	expect(read(['--concurrency', '32', '--in-flight', '5'])).toMatchObject({
		workers: 5,
		agent: { limits: { concurrency: 32 } }
	});
});

test.each([
	[['--shard', '0/4'], '--shard takes'],
	[['--shard', '5/4'], '--shard takes'],
	[['--shard', '1'], '--shard takes'],
	[['--tools', 'xml'], '--tools takes native, hermes, compact, auto'],
	[['--body', '[1]'], '--body takes a JSON object'],
	[['--key-env', 'NO_SUCH_KEY'], 'no variable NO_SUCH_KEY'],
	[['--user-server', 'ftp://x'], '--user-server'],
	[['--concurrency', '0'], '--concurrency takes'],
	[['--time-limit', '0'], '--time-limit takes'],
	[['--out', ''], '--out needs a value'],
	[['--bogus'], "Unknown option '--bogus'"]
])('%j is refused', (args, complaint) => {
	expect(() => read(args)).toThrow(complaint);
});

const tiny = 'tests/models/fixtures/tiny.gguf';
const one = 'http://node17:8000/v1#Qwen/Qwen3-8B';

test('URL#NAME is the same as --server URL --model NAME', () => {
	const flags = ['--user-model', 'http://node18:8000#small', '--shard', '1/2', '--tools', 'hermes'];
	const both = readHarvestServersOptions(['--agent-model', one, ...flags], { OPENAI_API_KEY: 'a' })!;
	const old = [
		'--server',
		'http://node17:8000/v1',
		'--model',
		'Qwen/Qwen3-8B',
		'--user-server',
		'http://node18:8000'
	];
	expect(both).toEqual(
		readHarvestServersOptions([...old, '--user-model', 'small', ...flags.slice(2)], { OPENAI_API_KEY: 'a' })
	);
});

test('a model in a file is harvested as a demo would', () => {
	const options = readHarvestServersOptions(
		['--agent-model', one, '--user-model', tiny, '--body', '{"a": 1}'],
		{}
	)!;
	expect(options.models).toMatchObject({
		user: { kind: 'file', path: tiny },
		servers: { settings: { body: { a: 1 } } }
	});
});

test.each([
	[[], '--agent-model is needed, or --server and --model.'],
	[['--server', 'x'], '--server and --model go together'],
	[['--user-server', 'x', '--model', 'y'], '--server and --model go together'],
	[['--agent-model', one, '--server', 'x', '--model', 'y'], '--server and --model cannot be used with it'],
	[['--agent-model', one, '--user-server', 'x'], '--user-server cannot be used with it'],
	[
		['--server', 'x', '--model', 'y', '--user-model', one],
		"with --server it is the model's name on that server"
	],
	[
		['--agent-model', one, '--user-model', 'small'],
		'--user-model small cannot be read: there is no such file.'
	],
	[
		['--agent-model', one, '--user-model', tiny, '--shard', '1/2'],
		`--shard: a harvest can have that where both`
	],
	[['--agent-model', tiny, '--body', '{}'], '--body: that is for models on servers'],
	[
		['--agent-model', one, '--user-model', tiny, '--user-key-env', 'PATH'],
		`--user-key-env: ${tiny} is on no server`
	],
	[['--agent-model', 'embedded', '--tools', 'native'], '--tools: embedded comes with Joshtree']
])('%j is refused, with what to write', (args, complaint) => {
	expect(() => readHarvestServersOptions(args, { PATH: 'x' })).toThrow(complaint);
});

test('shards are disjoint, even, and make the whole in its order', () => {
	for (const length of [1, 5, 16, 17]) {
		const items = Array.from({ length }, (_, index) => index);
		for (const of of [1, 2, 5]) {
			const shards = Array.from({ length: of }, (_, index) =>
				shardOf(items, readShard(`${index + 1}/${of}`))
			);
			expect(unsharded(shards)).toEqual(items);
			const sizes = shards.map((shard) => shard.length);
			expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(2);
		}
	}
});
