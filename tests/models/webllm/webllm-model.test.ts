import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import packageOf from '../../../node_modules/@mlc-ai/web-llm/package.json';
import type { Message } from '../../../src/dialogue/message.ts';
import { plainSampling, type GenerateRequest } from '../../../src/models/language-model.ts';
import type { WebLlmSettings } from '../../../src/models/webllm/settings.ts';
import { webLlmVersion } from '../../../src/models/webllm/library.ts';
import { WebLlmModel } from '../../../src/models/webllm/webllm-model.ts';
import { fakeLibrary, record, type FakeEngine, type FakeOptions } from './fake-engine.ts';

const manifest = JSON.stringify({ records: [{ nbytes: 10 }] });

beforeEach(() => {
	vi.stubGlobal('fetch', async () => new Response(manifest));
});
afterEach(() => {
	vi.unstubAllGlobals();
});

async function start(options: FakeOptions = {}, settings: Partial<WebLlmSettings> = {}, models = [record]) {
	const { library, engines } = fakeLibrary(options, models);
	const model = await WebLlmModel.load(
		{ model: models[0]!.model_id, settings: { tools: 'compact', ...settings } },
		{},
		async () => library
	);
	return { model, engine: engines[0]! };
}

const system: Message = { role: 'system', content: 'Help.' };
const says = (content: string): Message => ({ role: 'user', content });
const answers = (content: string): Message => ({ role: 'assistant', content });

function ask(messages: readonly Message[], seed = 1, more: Partial<GenerateRequest> = {}): GenerateRequest {
	return { messages, tools: [], sampling: { ...plainSampling, maxTokens: 40 }, seed, ...more };
}

const tool = {
	name: 'search',
	description: 'Find things.',
	parameters: { type: 'object', properties: { area: { type: 'string' } } }
};

describe('WebLlmModel', () => {
	it('is written for the web-llm that is installed', () => {
		expect(webLlmVersion).toBe(packageOf.version);
	});

	it('says what makes its text', async () => {
		const { model } = await start();
		expect(model.identity).toEqual({
			name: 'Tiny-1B-q4f32_1-MLC',
			hash: expect.stringMatching(/^[0-9a-f]{64}$/),
			engine: `web-llm ${webLlmVersion}`,
			settings: {
				tools: 'compact',
				calls: 'constrained',
				contextTokens: 400,
				parking: 'none',
				thinking: 'model',
				opener: 'Begin.',
				library: record.model_lib
			},
			contextTokens: 400,
			reproducible: false
		});
		const other = { ...record, model_lib: 'https://example.org/other.wasm' };
		expect((await start({}, {}, [other])).model.identity.hash).toBe(model.identity.hash);
		vi.stubGlobal('fetch', async () => new Response('{"records": []}'));
		expect((await start()).model.identity.hash).not.toBe(model.identity.hash);
	});

	it('tells of its progress', async () => {
		const { library } = fakeLibrary();
		const onProgress = vi.fn();
		await WebLlmModel.load(
			{ model: record.model_id, settings: { tools: 'compact' } },
			{ onProgress },
			async () => library
		);
		expect(onProgress.mock.calls.map(([progress]) => progress)).toEqual([
			{ phase: 'download', fraction: 0.5 },
			{ phase: 'load', fraction: 1 }
		]);
	});

	it('stops loading when it is told to', async () => {
		const controller = new AbortController();
		const { library, engines } = fakeLibrary();
		const loading = WebLlmModel.load(
			{ model: record.model_id, settings: { tools: 'compact' } },
			{ signal: controller.signal, onProgress: () => controller.abort() },
			async () => library
		);
		await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
		expect(engines[0]!.pipeline()).toBeUndefined();
	});

	it.each([
		['ShaderF16SupportError: This model requires WebGPU extension shader-f16', /16-bit floats/],
		[new DOMException('Quota exceeded.', 'QuotaExceededError'), /storage is full/],
		[new TypeError('Failed to fetch'), /could not be downloaded/],
		[new Error('Device was lost during reload'), /does not fit/]
	])('says what to do when it cannot be loaded: %s', async (error, help) => {
		const starting = start({ loadErrors: { 1: error } });
		await expect(starting).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(help)
		});
	});

	it('answers, streams and counts', async () => {
		const { model, engine } = await start({ write: () => ({ text: 'hello' }) });
		const texts: string[] = [];
		const generation = await model.generate(ask([system, says('hi')]), {
			onText: (text) => texts.push(text)
		});
		expect(generation).toEqual({
			message: { role: 'assistant', content: 'hello' },
			text: 'hello',
			finishReason: 'stop',
			usage: { promptTokens: 's:Help.|u:hi|a:'.length, cachedTokens: 0, completionTokens: 6 },
			timing: { prompt: 200, completion: 300 }
		});
		expect(texts).toEqual(['h', 'he', 'hel', 'hell', 'hello']);
		expect(engine.bodies[0]).toMatchObject({
			temperature: 1,
			top_p: 1,
			max_tokens: 40,
			seed: 1,
			frequency_penalty: 0,
			presence_penalty: 0,
			repetition_penalty: 1,
			ignore_eos: false
		});
	});

	it('reads calls from the text', async () => {
		const text = '<tool_call>\n{"name": "search", "arguments": {"area": "north"}}\n</tool_call>';
		const { model } = await start({ write: () => ({ text }) });
		const { message } = await model.generate(
			ask([says('hi')], 1, { tools: [tool], sampling: { ...plainSampling, maxTokens: 200 } })
		);
		expect(message.tool_calls?.[0]?.function).toEqual({ name: 'search', arguments: { area: 'north' } });
	});

	it('says when a reply was cut short', async () => {
		const { model } = await start({ write: () => ({ text: '', endless: true }) });
		const generation = await model.generate(
			ask([says('hi')], 1, { sampling: { ...plainSampling, maxTokens: 5 } })
		);
		expect(generation).toMatchObject({ text: 'eeeee', finishReason: 'length' });
	});

	it('refuses a prompt that is too long, and a reply that outgrows the context', async () => {
		const { model } = await start({ write: () => ({ text: '', endless: true }) }, { contextTokens: 100 });
		await expect(model.generate(ask([says('x'.repeat(100))]))).rejects.toMatchObject({
			name: 'ContextOverflowError'
		});
		const long = ask([says('x'.repeat(50))], 1, { sampling: { ...plainSampling, maxTokens: 90 } });
		await expect(model.generate(long)).rejects.toMatchObject({ name: 'ContextOverflowError' });
		expect(await model.generate(ask([says('x')], 1))).toMatchObject({ finishReason: 'length' });
	});

	it('answers one request after the other, in their order', async () => {
		const { model, engine } = await start();
		const done: number[] = [];
		const seeds = [1, 2, 3];
		await Promise.all(
			seeds.map(async (seed) => {
				await model.generate(ask([says('hi')], seed));
				done.push(seed);
			})
		);
		expect(done).toEqual(seeds);
		expect(engine.bodies.map(({ seed }) => seed)).toEqual(seeds);
		expect(engine.mostAtOnce).toBe(1);
	});

	it('aborts at once, and the next request gets its answer', async () => {
		const { model, engine } = await start({
			write: ({ seed }) => (seed === 1 ? { text: '', endless: true } : { text: 'next' })
		});
		const controller = new AbortController();
		let resume = () => {};
		const paused = new Promise<void>((resolve) => (resume = resolve));
		engine.beforeToken = (token) => (token === 3 ? paused : undefined);
		const running = model.generate(ask([says('a')], 1, { sampling: { ...plainSampling, maxTokens: 300 } }), {
			signal: controller.signal,
			onText: (text) => text === 'eee' && controller.abort()
		});
		const waiting = model.generate(ask([says('b')], 2));
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
		resume();
		expect(await waiting).toMatchObject({ text: 'next' });
	});

	it('is not deaf to an abort before the first token', async () => {
		const { model, engine } = await start({
			write: ({ seed }) => (seed === 1 ? { text: '', endless: true } : { text: 'next' })
		});
		const controller = new AbortController();
		let tokens = 0;
		// web-llm forgets an interruption that comes before it begins.
		engine.beforeStart = () => controller.abort();
		engine.beforeToken = () => void tokens++;
		const running = model.generate(ask([says('a')], 1, { sampling: { ...plainSampling, maxTokens: 300 } }), {
			signal: controller.signal
		});
		await expect(running).rejects.toMatchObject({ name: 'AbortError' });
		expect(await model.generate(ask([says('b')], 2))).toMatchObject({ text: 'next' });
		expect(tokens).toBeLessThan(10);
	});

	it('reads a reply to its end though its listener fails, and hands the failure on', async () => {
		const { model, engine } = await start();
		const failure = new Error('Proxy has been released; the device was lost');
		const listening = model.generate(ask([says('a')]), {
			onText: () => {
				throw failure;
			}
		});
		await expect(listening).rejects.toBe(failure);
		expect(await model.generate(ask([says('b')]))).toMatchObject({ finishReason: 'stop' });
		expect(engine.loads).toBe(1);
	});

	it('drops a request that is aborted while it waits', async () => {
		const { model, engine } = await start();
		const controller = new AbortController();
		const first = model.generate(ask([says('a')]));
		const second = model.generate(ask([says('b')], 2), { signal: controller.signal });
		controller.abort();
		await expect(second).rejects.toMatchObject({ name: 'AbortError' });
		await first;
		await model.generate(ask([says('c')], 3));
		expect(engine.bodies.map(({ seed }) => seed)).toEqual([1, 3]);
	});

	it('ends what runs when it is disposed of', async () => {
		const { model, engine } = await start({ write: () => ({ text: '', endless: true }) });
		engine.beforeToken = () => new Promise((resolve) => setTimeout(resolve, 1));
		const running = model.generate(ask([says('a')], 1, { sampling: { ...plainSampling, maxTokens: 300 } }));
		const ended = expect(running).rejects.toMatchObject({ name: 'AbortError' });
		await model.dispose();
		await ended;
		expect(engine.pipeline()).toBeUndefined();
	});

	describe('when the device is lost', () => {
		const lostAt = (times: number) => {
			let losses = 0;
			return (token: number, engine: FakeEngine) => {
				if (token === 2 && losses++ < times) engine.loseDevice();
			};
		};

		it('loads again and repeats the request with its seed', async () => {
			const { model: sound } = await start();
			const expected = await sound.generate(ask([says('hi')], 7));
			const { model, engine } = await start();
			engine.beforeToken = lostAt(1);
			expect((await model.generate(ask([says('hi')], 7))).text).toBe(expected.text);
			expect(engine.loads).toBe(2);
			expect(engine.bodies.map(({ seed }) => seed)).toEqual([7, 7]);
		});

		it('loads again for a request that finds the engine empty', async () => {
			const { model, engine } = await start();
			engine.loseDevice();
			await model.generate(ask([says('hi')]));
			expect(engine.loads).toBe(2);
		});

		it('gives up after the second time', async () => {
			const { model, engine } = await start();
			engine.beforeToken = lostAt(2);
			await expect(model.generate(ask([says('hi')]))).rejects.toMatchObject({ name: 'ModelFaultError' });
			expect(engine.loads).toBe(2);
			expect(await model.generate(ask([says('hi')]))).toMatchObject({ finishReason: 'stop' });
		});

		it('gives up if the model cannot be loaded again', async () => {
			const { model, engine } = await start({ loadErrors: { 2: new TypeError('Failed to fetch') } });
			engine.loseDevice();
			await expect(model.generate(ask([says('hi')]))).rejects.toMatchObject({ name: 'ModelFaultError' });
		});
	});

	it('does not load again for a fault of another kind', async () => {
		const { model, engine } = await start();
		engine.beforeToken = () => {
			throw 'InternalError: failed to sample a valid token.';
		};
		await expect(model.generate(ask([says('hi')]))).rejects.toMatchObject({ name: 'ModelFaultError' });
		expect(engine.loads).toBe(1);
	});

	it('keeps thinking off where there is a switch, and the block for that out of the reply', async () => {
		const qwen = { ...record, model_id: 'Qwen3-0.6B-q4f32_1-MLC' };
		const write = () => ({ text: '<think>\n\n</think>\n\nhi' });
		const { model, engine } = await start({ write }, {}, [qwen]);
		expect(await model.generate(ask([says('hi')]))).toMatchObject({ text: 'hi' });
		expect(engine.bodies[0]).toMatchObject({ extra_body: { enable_thinking: false } });
		expect(model.identity.settings).toMatchObject({ thinking: 'off' });
		const thinking = await start({ write }, { thinking: 'model' }, [qwen]);
		expect((await thinking.model.generate(ask([says('hi')]))).text).toContain('<think>');
		expect(thinking.engine.bodies[0]).not.toHaveProperty('extra_body');
	});

	it('answers the same whatever was asked before, and counts the whole prompt', async () => {
		const word = fc.string({ minLength: 1, maxLength: 6 });
		const conversation = fc.array(word, { minLength: 1, maxLength: 3 });
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(conversation, fc.nat(5)), { minLength: 2, maxLength: 6 }),
				async (asked) => {
					const { model } = await start();
					for (const [words, seed] of asked) {
						// Conversations that grow by the model's own answers are what web-llm would go on with.
						const messages: Message[] = [system];
						for (const said of words) {
							messages.push(says(said));
							const here = await model.generate(ask(messages, seed));
							const alone = await (await start()).model.generate(ask(messages, seed));
							expect(here).toEqual(alone);
							expect(here.usage.cachedTokens).toBe(0);
							messages.push(answers(here.text));
						}
					}
				}
			),
			{ numRuns: 30 }
		);
	});
});
