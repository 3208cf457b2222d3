import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import packageOf from '../../../node_modules/@wllama/wllama/package.json';
import { sha256 } from '../../../src/base/hash.ts';
import type { GenerateRequest, Generation } from '../../../src/models/language-model.ts';
import { RemoteModel } from '../../../src/models/remote-model.ts';
import { ModelPool } from '../../../src/models/pool.ts';
import { readGguf } from '../../../src/models/wllama/gguf.ts';
import type { WllamaSource } from '../../../src/models/wllama/settings.ts';
import { WllamaModel, wllamaVersion } from '../../../src/models/wllama/wllama-model.ts';
import { tinyAdapter, tinyGguf } from '../fixtures/tiny-gguf.ts';
import modelUrl from '../fixtures/tiny.gguf?url';

type Changes = Parameters<typeof tinyGguf>[0];

const source = (changes?: Changes, weights?: 'f32' | 'f16'): WllamaSource => ({
	model: [new Blob([tinyGguf(changes, weights)])],
	settings: { tools: 'compact' }
});

/** The file with a number in place of some weights: all of a tensor, or the first few. */
async function spoiled(tensor: RegExp, number: number, count = Infinity): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = tinyGguf();
	const view = new DataView(bytes.buffer);
	for (const { name, shape, offset } of (await readGguf(new Blob([bytes]))).tensors) {
		if (!tensor.test(name)) continue;
		const size = shape.reduce((product, length) => product * length, 1);
		for (let index = 0; index < Math.min(size, count); index++)
			view.setFloat32(offset + 4 * index, number, true);
	}
	return bytes;
}

/** Lets no reply end by itself. */
const endless = 'root ::= [a-z] root';

const open: { dispose(): Promise<void> }[] = [];
const keep = <T extends { dispose(): Promise<void> }>(model: T): T => {
	open.push(model);
	return model;
};
afterEach(async () => {
	await Promise.all(open.splice(0).map((model) => model.dispose()));
});

const load = async (from: WllamaSource) => keep(await WllamaModel.load(from));
const createWorker = () =>
	new Worker(new URL('../../../workers/engine.worker.ts', import.meta.url), { type: 'module' });
const startRemote = async (from: WllamaSource = source()) =>
	keep(await RemoteModel.start(createWorker, from));

/** For tests that leave them able to work: what an engine did before changes no text, and starting one takes a while. */
let model: WllamaModel;
let remote: RemoteModel;
beforeAll(async () => {
	model = await WllamaModel.load(source());
	remote = await RemoteModel.start(createWorker, source());
});
afterAll(() => Promise.all([model.dispose(), remote.dispose()]));

function ask(text: string, seed: number, maxTokens = 40): GenerateRequest {
	return {
		messages: [
			{ role: 'system', content: 'You help people to plan their trips. '.repeat(8) },
			{ role: 'user', content: text }
		],
		tools: [
			{
				name: 'search',
				description: 'Find things.',
				parameters: { type: 'object', properties: { area: {} } }
			}
		],
		sampling: { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens },
		seed
	};
}

/** The conversation after an answer and one more word from the user. */
function after(request: GenerateRequest, { text }: Generation, seed: number): GenerateRequest {
	return {
		...request,
		messages: [
			...request.messages,
			{ role: 'assistant', content: text },
			{ role: 'user', content: 'And then?' }
		],
		seed
	};
}

describe('loading', async () => {
	it('knows what it loaded', async () => {
		expect(model.identity).toMatchObject({
			name: 'Tiny random',
			hash: await sha256(tinyGguf()),
			contextTokens: 2048,
			reproducible: true,
			settings: { tools: 'compact', threads: 1, cacheType: 'f32', bannedTokens: 128 }
		});
		expect(model.identity.engine).toContain(`wllama ${packageOf.version} `);
		expect(wllamaVersion).toBe(packageOf.version);
	});

	it('loads from an address, in a worker', async () => {
		const model = await startRemote({
			model: new URL(modelUrl, location.href).href,
			settings: { tools: 'compact' }
		});
		expect(model.identity.hash).toBe(await sha256(tinyGguf()));
		expect((await model.generate(ask('Hello', 1, 3))).usage.completionTokens).toBeLessThanOrEqual(3);
	});

	it.each([
		['a missing file', 'missing/model.gguf', /could not be fetched|web page/],
		['random bytes', crypto.getRandomValues(new Uint8Array(5000)), /not a GGUF/],
		['a truncated file', tinyGguf().slice(0, 100_000), /incomplete/],
		[
			'a file without what llama.cpp needs',
			tinyGguf({ 'llama.context_length': undefined }),
			/could not be loaded: .*context_length/
		],
		[
			'a file without merges',
			tinyGguf({ 'tokenizer.ggml.merges': undefined }),
			/could not be loaded: .*merges/
		],
		[
			'another architecture',
			tinyGguf({ 'general.architecture': { string: 'nonesuch' } }),
			/could not be loaded: .*nonesuch/
		],
		[
			'a file that llama.cpp ends itself over',
			tinyGguf({ 'llama.block_count': { u32: 60_000 } }),
			/could not be loaded: GGML_ASSERT\(.*\) failed/
		],
		['weights that are not numbers', await spoiled(/ffn_up/, NaN, 1), /cannot answer: .*NaN/],
		['weights that no number holds', await spoiled(/ffn_down/, 3e38), /cannot answer: .*NaN/],
		['numbers that give none', tinyGguf({ 'llama.rope.freq_base': { f32: 0 } }), /cannot answer: .*NaN/],
		['a broken template', tinyGguf({ 'tokenizer.chat_template': { string: '{% for %}' } }), /template/]
	])('refuses %s', async (_, content, message) => {
		const model = typeof content === 'string' ? new URL(content, location.href).href : [new Blob([content])];
		await expect(
			RemoteModel.start(createWorker, { model, settings: { tools: 'compact' } })
		).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(message)
		});
	});

	it.each([NaN, Infinity, 1e30])('refuses an adapter at a scale of %d', async (scale) => {
		const adapter = { file: new Blob([tinyAdapter()]), hash: 'a', scale };
		await expect(load({ ...source(), adapter })).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(/scale/)
		});
	});

	it.each([
		[NaN, /context .* NaN tokens\. Choose a whole number/],
		[-5, /whole number/],
		[1000.5, /whole number/],
		[2_000_000, /does not fit into memory/],
		[4_294_967_295, /4294967295 tokens .* no engine holds/]
	])('refuses a context of %d tokens', async (contextTokens, message) => {
		await expect(load({ ...source(), settings: { tools: 'compact', contextTokens } })).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(message)
		});
	});

	it('gives up after a time', async () => {
		await expect(load({ ...source(), loadTimeout: 1 })).rejects.toMatchObject({ name: 'ModelLoadError' });
	});
});

describe('generating', () => {
	it('returns what the model wrote, whole', async () => {
		const texts: string[] = [];
		const { text, message, usage, timing, finishReason } = await model.generate(ask('Hello', 5), {
			onText: (sofar) => texts.push(sofar)
		});
		expect(text).not.toBe('');
		expect(texts.at(-1)).toBe(text);
		expect(texts.every((sofar) => text.startsWith(sofar))).toBe(true);
		expect(message.role).toBe('assistant');
		expect(usage.promptTokens).toBeGreaterThan(100);
		expect(usage.completionTokens).toBeLessThanOrEqual(40);
		expect(['stop', 'length']).toContain(finishReason);
		expect(timing.prompt).toBeGreaterThan(0);
	});

	it('keeps to a JSON schema', async () => {
		const jsonSchema = {
			type: 'object',
			properties: { a: { enum: ['x', 'y'] } },
			required: ['a'],
			additionalProperties: false
		};
		const { text } = await model.generate({ ...ask('Hello', 1, 80), constraint: { jsonSchema } });
		expect(JSON.parse(text)).toEqual({ a: expect.stringMatching(/^[xy]$/) });
	});

	it.each(['f32', 'f16'] as const)(
		'gives the same text for the same seed whatever it did before, in every instance (%s)',
		async (weights) => {
			const fresh = await load(source({}, weights));
			const used = await load(source({}, weights));
			const other = await startRemote(source({}, weights));
			const questions = [
				'Hello',
				'Find me a hotel in the north.',
				'A train to the south, please, on the next day.'
			];
			const requests: GenerateRequest[] = [];
			for (const [index, question] of questions.entries()) {
				const first = ask(question, index);
				const second = after(first, await used.generate(first), 10 + index);
				const third = after(second, await used.generate(second), 20 + index);
				requests.push(first, second, third);
			}
			const expected: string[] = [];
			for (const request of requests) expected.push((await fresh.generate(request)).text);
			// Extended, restored, cut back, from another conversation, in another worker.
			for (const order of [requests.toReversed(), requests.filter((_, i) => i % 2), requests]) {
				for (const request of order) {
					expect((await used.generate(request)).text).toBe(expected[requests.indexOf(request)]);
					expect((await other.generate(request)).text).toBe(expected[requests.indexOf(request)]);
				}
			}
			expect(new Set(expected).size).toBeGreaterThan(6);
		}
	);

	it('gives the same text for prompts longer than a batch', async () => {
		const twice = source({ 'llama.context_length': { u32: 4096 } });
		const [whole, cut] = [await load(twice), await load(twice)];
		const words = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');
		const start = ask(words.slice(0, 400), 3);
		const long = {
			...ask(words, 3),
			messages: [start.messages[0]!, { role: 'user' as const, content: words }]
		};
		await cut.generate(start);
		const [a, b] = [await whole.generate(long), await cut.generate(long)];
		expect(a.usage.promptTokens).toBeGreaterThan(2100);
		expect(b.usage.cachedTokens).toBeGreaterThan(100);
		expect(b.text).toBe(a.text);
	});

	it('gives other texts for other seeds, the highest included', async () => {
		const seeds = [0, 1, 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2];
		const texts: string[] = [];
		for (const seed of seeds) texts.push((await model.generate(ask('Hello', seed))).text);
		expect(new Set(texts).size).toBe(seeds.length);
		const highest = async () => (await model.generate(ask('Hello', 2 ** 32 - 1))).text;
		expect(await highest()).toBe(await highest());
	});

	it('is greedy at temperature 0', async () => {
		const greedy = (seed: number) => ({
			...ask('Hello', seed),
			sampling: { ...ask('', 0).sampling, temperature: 0 }
		});
		expect((await model.generate(greedy(1))).text).toBe((await model.generate(greedy(2))).text);
	});

	it('reuses what it has computed', async () => {
		const first = ask('Hello', 1);
		const answer = await model.generate(first);
		const { usage } = await model.generate(after(first, answer, 2));
		expect(usage.cachedTokens).toBeGreaterThanOrEqual(answer.usage.promptTokens);
	});

	it('answers one after the other when asked all at once', async () => {
		const all = await Promise.all([1, 2, 3, 4, 5].map((seed) => remote.generate(ask('Hello', seed))));
		for (const [index, { text }] of all.entries()) {
			expect((await remote.generate(ask('Hello', index + 1))).text).toBe(text);
		}
	});

	it('starts afresh when it has saved too many prompts, and answers the same', async () => {
		const [small, large] = [await load({ ...source(), savedPromptBytes: 1 }), await load(source())];
		for (const seed of [1, 2, 3, 4]) {
			const asked = ask(`Question ${seed}`, seed);
			const request = {
				...asked,
				tools: asked.tools.map((tool) => ({ ...tool, name: `${seed}` })),
				messages: ask(`${seed}`.repeat(50), 0).messages.slice(1)
			};
			expect((await small.generate(request)).text).toBe((await large.generate(request)).text);
		}
		expect(large.memory).toBeGreaterThan(small.memory);
	});
});

describe('limits', () => {
	it('ends a reply at maxTokens', async () => {
		const { finishReason, usage } = await model.generate(ask('Hello', 2, 5));
		expect({ finishReason, tokens: usage.completionTokens }).toEqual({ finishReason: 'length', tokens: 5 });
	});

	it('refuses a prompt that is longer than the context, and goes on', async () => {
		await expect(remote.generate(ask('Hello there. '.repeat(800), 1))).rejects.toMatchObject({
			name: 'ContextOverflowError'
		});
		expect((await remote.generate(ask('Hello', 1))).finishReason).toBeDefined();
	});

	it('says so when the reply runs into the end of the context', async () => {
		const model = await load({ ...source(), settings: { tools: 'compact', contextTokens: 256 } });
		const size = model.identity.contextTokens;
		await expect(
			model.generate({ ...ask('Hello', 1, size * 2), constraint: { grammar: endless } })
		).rejects.toMatchObject({
			name: 'ContextOverflowError'
		});
		const { finishReason } = await model.generate({
			...ask('Hello', 1, 5),
			constraint: { grammar: endless }
		});
		expect(finishReason).toBe('length');
	});
});

describe('faults', () => {
	it('names what a template has against a conversation, and goes on with others', async () => {
		const refusing =
			"{% if messages|length > 20 %}{{ raise_exception('roles must alternate') }}{% endif %}" +
			'{% for m in messages %}{{ m.content }}\n{% endfor %}';
		const model = await startRemote(source({ 'tokenizer.chat_template': { string: refusing } }));
		const first = ask('Hello', 1, 5);
		const answer = await model.generate(first);
		const long = Array.from({ length: 10 }).flatMap(() => [
			{ role: 'assistant' as const, content: answer.text },
			{ role: 'user' as const, content: 'And then?' }
		]);
		await expect(model.generate({ ...first, messages: [...first.messages, ...long] })).rejects.toMatchObject({
			name: 'PromptError',
			message: 'roles must alternate'
		});
		expect((await model.generate(first)).text).toBe(answer.text);
	});

	it('survives an exception in llama.cpp, and names it', async () => {
		const [bad, good] = await Promise.allSettled([
			remote.generate({ ...ask('Hello', 1), constraint: { grammar: 'root ::= (' } }),
			remote.generate(ask('Hello', 1))
		]);
		expect(bad).toMatchObject({
			reason: { name: 'ModelFaultError', message: expect.stringMatching(/grammar/) }
		});
		expect(good).toMatchObject({ status: 'fulfilled' });
	});
});

describe('ending', () => {
	it('aborts within a moment and frees its place', async () => {
		const controller = new AbortController();
		let abortedAt = 0;
		const running = remote.generate(
			{ ...ask('Hello', 1, 1500), constraint: { grammar: endless } },
			{
				signal: controller.signal,
				onText: () => {
					abortedAt ||= performance.now();
					controller.abort();
				}
			}
		);
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
		expect(performance.now() - abortedAt).toBeLessThan(100);
		const asked = performance.now();
		await remote.generate(ask('Hello', 1, 1));
		expect(performance.now() - asked).toBeLessThan(1000);
	});

	it('aborts while waiting for another request', async () => {
		const first = remote.generate(ask('Hello', 1));
		const controller = new AbortController();
		const second = remote.generate(ask('Hello', 2), { signal: controller.signal });
		controller.abort();
		await expect(second).rejects.toMatchObject({ name: 'AbortError' });
		expect((await first).finishReason).toBeDefined();
		expect((await remote.generate(ask('Hello', 3))).finishReason).toBeDefined();
	});

	it('rejects what runs when it is disposed of', async () => {
		const model = await WllamaModel.load(source());
		const running = model.generate(ask('Hello', 1, 500));
		await model.dispose();
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
	});
});

describe('a pool of workers', () => {
	it('gives the same texts as one', async () => {
		const pool = keep(
			await ModelPool.start({ size: 3, spawn: () => RemoteModel.start(createWorker, source()) })
		);
		const requests = Array.from({ length: 12 }, (_, seed) => ask(`Question ${seed % 3}`, seed));
		const many = await Promise.all(requests.map((request) => pool.generate(request)));
		for (const [index, request] of requests.entries()) {
			expect(many[index]!.text).toBe((await model.generate(request)).text);
		}
		expect(pool.statistics).toMatchObject({ answered: 12, waiting: 0, faults: 0 });
	});
});
