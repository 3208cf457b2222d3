import { afterEach, describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../../src/models/language-model.ts';
import { ServerModel } from '../../../src/models/server/server-model.ts';
import type { ServerSource } from '../../../src/models/server/settings.ts';
import { request } from '../fake-model.ts';
import { FakeServer, type FakeServerOptions } from './fake-server.ts';

const tools = [{ name: 'search', description: 'Searches.', parameters: { type: 'object', properties: {} } }];
const withTools: GenerateRequest = { ...request('Find a table.', 9), tools, toolsText: 'search()' };
const key = 'sk-very-secret';
const limits = { tries: 3, firstPause: 1, longestPause: 5, timeLimit: 5_000 };

let server: FakeServer;

async function load(
	source: Partial<ServerSource> = {},
	options: FakeServerOptions = {}
): Promise<ServerModel> {
	server = await FakeServer.listen(options);
	return ServerModel.load({ address: server.origin, model: 'fake', limits, ...source });
}

afterEach(() => server.close());

describe('a request', () => {
	it('states sampling, seed and messages, and what is off only where a server would have it on', async () => {
		const model = await load();
		await model.generate({
			...request('Hi', 7),
			sampling: { temperature: 0.5, topP: 0.9, topK: 0, minP: 0, maxTokens: 50 }
		});
		expect(server.completions[0]).toEqual({
			model: 'fake',
			messages: [
				{ role: 'system', content: 'You help.' },
				{ role: 'user', content: 'Hi' }
			],
			temperature: 0.5,
			top_p: 0.9,
			seed: 7,
			max_tokens: 50
		});
		await server.close();
		const vllm = await load({}, { models: [{ id: 'fake', owned_by: 'vllm' }] });
		await vllm.generate({
			...request('Hi'),
			sampling: { temperature: 1, topP: 1, topK: 4, minP: 0, maxTokens: 50 }
		});
		expect(server.completions[0]).toMatchObject({ top_k: 4, min_p: 0, repetition_penalty: 1 });
	});

	it('carries the key and nothing else that tells of this machine', async () => {
		process.env['OPENAI_ORG_ID'] = 'org-of-someone';
		const model = await load({ key });
		await model.generate(request('Hi'));
		delete process.env['OPENAI_ORG_ID'];
		for (const { headers } of server.asked) {
			expect(headers.authorization).toBe(`Bearer ${key}`);
			expect(JSON.stringify(headers)).not.toMatch(/stainless|OpenAI|org-of-someone/);
		}
		await server.close();
		await (await load()).generate(request('Hi'));
		for (const { headers } of server.asked) expect(headers.authorization).toBeUndefined();
	});

	it('puts a greeting where a chat template would look for a user', async () => {
		const model = await load();
		await model.generate({ ...request('x'), messages: [{ role: 'system', content: 'You want a table.' }] });
		await model.generate({
			...request('x'),
			messages: [
				{ role: 'system', content: 'You want a table.' },
				{ role: 'assistant', content: 'A table!' },
				{ role: 'user', content: 'When?' }
			]
		});
		expect(server.completions.map(({ messages }) => messages.map(({ role }) => role).join())).toEqual([
			'system,user',
			'system,user,assistant,user'
		]);
	});

	it('tells of tools natively, as Hermes text, or in a few words', async () => {
		const native = await load();
		await native.generate(withTools);
		expect(server.completions[0]!.tools).toEqual([{ type: 'function', function: tools[0] }]);
		for (const [told, words] of [
			['hermes', '<tools>\n{"type": "function"'],
			['compact', 'Tools:\nsearch()']
		] as const) {
			await server.close();
			const model = await load({ settings: { tools: told } });
			await model.generate(withTools);
			expect(server.completions[0]).not.toHaveProperty('tools');
			expect(server.completions[0]!.messages[0]!.content).toContain(words);
		}
	});

	it("tells of tools under names that the API takes, and finds the tools' own again", async () => {
		const model = await load();
		const mcp = [{ ...tools[0]!, name: 'maps.search' }];
		server.script.push({ tool_calls: [{ id: 'abc', name: 'maps_search', arguments: '{}' }] });
		const { message } = await model.generate({ ...withTools, tools: mcp });
		expect(message.tool_calls?.[0]?.function.name).toBe('maps.search');
		const answer = { role: 'tool' as const, content: '[]', tool_call_id: 'call_9_0', name: 'maps.search' };
		await model.generate({ ...withTools, tools: mcp, messages: [...withTools.messages, message, answer] });
		const [first, second] = server.completions;
		expect(first!.tools).toMatchObject([{ function: { name: 'maps_search' } }]);
		expect(second!.messages.slice(-2)).toMatchObject([
			{ tool_calls: [{ function: { name: 'maps_search' } }] },
			{ name: 'maps_search' }
		]);
	});

	it('is constrained by a schema, by a grammar only where a field for it is known', async () => {
		const model = await load();
		await model.generate({ ...request('Hi'), constraint: { jsonSchema: { type: 'object' } } });
		expect(server.completions[0]).toMatchObject({
			response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } }
		});
		await expect(
			model.generate({ ...request('Hi'), constraint: { grammar: 'root ::= "a"' } })
		).rejects.toThrow(/grammar/);
		await server.close();
		const llama = await load({ settings: { grammarField: 'grammar' } });
		await llama.generate({ ...request('Hi'), constraint: { grammar: 'root ::= "a"' } });
		expect(server.completions[0]).toMatchObject({ grammar: 'root ::= "a"' });
	});
});

describe('a reply', () => {
	const called = { tool_calls: [{ id: 'abc', name: 'search', arguments: '{"food": "thai"}' }] };

	for (const streamed of [false, true]) {
		const options = streamed ? { onText: () => undefined } : {};
		it(`${streamed ? 'streamed' : 'in one piece'} is read, its calls by the server or by us`, async () => {
			const model = await load();
			server.script.push(called, {
				content: 'Sure.\n<tool_call>\n{"name": "search", "arguments": {"food": "thai"}}\n</tool_call>'
			});
			const [native, hermes] = [
				await model.generate(withTools, options),
				await model.generate(withTools, options)
			];
			const call = {
				id: 'call_9_0',
				type: 'function',
				function: { name: 'search', arguments: { food: 'thai' } }
			};
			expect(native.message).toEqual({ role: 'assistant', content: '', tool_calls: [call] });
			expect(hermes.message).toEqual({ role: 'assistant', content: 'Sure.', tool_calls: [call] });
			expect(native.text).toContain('<tool_call>');
			expect(native.usage).toEqual({ promptTokens: 12, cachedTokens: 0, completionTokens: 3 });
			expect(server.completions.every(({ stream }) => Boolean(stream) === streamed)).toBe(true);
		});

		it(`${streamed ? 'streamed' : 'in one piece'} with malformed arguments has a problem that names the call`, async () => {
			const model = await load();
			server.script.push(
				{ tool_calls: [{ id: 'a', name: 'search', arguments: '{"food": ' }] },
				{ tool_calls: [{ id: 'a', name: 'search', arguments: '[1]' }] }
			);
			const broken = await model.generate(withTools, options);
			expect(broken.problem).toMatch(/tool call search: its arguments cannot be read/);
			expect(broken.message).not.toHaveProperty('tool_calls');
			expect(broken.text).toContain('{"food": ');
			expect((await model.generate(withTools, options)).problem).toMatch(/expected a JSON object/);
		});
	}

	it('is told as it grows', async () => {
		const model = await load();
		const texts: string[] = [];
		server.script.push({ content: 'A longer answer.' });
		const { text } = await model.generate(request('Hi'), { onText: (soFar) => texts.push(soFar) });
		expect(texts.length).toBeGreaterThan(2);
		expect(texts.every((soFar) => text.startsWith(soFar))).toBe(true);
	});

	it('that stopped short of its limit did not fit into the context', async () => {
		const model = await load({ settings: { contextTokens: 100 } });
		server.script.push(
			{ content: 'cut', finish: 'length', usage: { prompt_tokens: 90, completion_tokens: 10 } },
			{ content: 'long', finish: 'length', usage: { prompt_tokens: 20, completion_tokens: 50 } }
		);
		const sampling = { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens: 50 };
		await expect(model.generate({ ...request('Hi'), sampling })).rejects.toMatchObject({
			name: 'ContextOverflowError'
		});
		expect((await model.generate({ ...request('Hi'), sampling })).finishReason).toBe('length');
	});
});

describe('trouble', () => {
	it('that passes is waited out: 429 as long as asked, 500, a broken line', async () => {
		const model = await load();
		const started = performance.now();
		server.script.push({
			status: 429,
			json: { error: { message: 'slow down' } },
			headers: { 'retry-after': '0.3' }
		});
		expect((await model.generate(request('Hi'))).text).toBe('Hello.');
		expect(performance.now() - started).toBeGreaterThan(290);
		server.script.push({ status: 500, text: 'oops' }, { trouble: 'hang up' });
		expect((await model.generate(request('Hi'))).text).toBe('Hello.');
		expect(server.completions).toHaveLength(5);
	});

	it('in the middle of a stream is tried again from its beginning, without one', async () => {
		const model = await load();
		server.script.push({ trouble: 'break off' }, { content: 'Whole.' });
		expect((await model.generate(request('Hi'), { onText: () => undefined })).text).toBe('Whole.');
		expect(server.completions.map(({ stream }) => stream ?? false)).toEqual([true, false]);
	});

	it('that lasts is the fault of the request if the server still lives', async () => {
		const model = await load();
		server.script.push(
			...Array.from({ length: 3 }, () => ({ status: 500, json: { error: { message: 'template!' } } }))
		);
		await expect(model.generate(request('Hi'))).rejects.toMatchObject({
			name: 'ModelFaultError',
			message: expect.stringContaining('template!')
		});
		expect(server.completions).toHaveLength(3);
	});

	it('of connections that this request alone breaks is its own fault', async () => {
		const model = await load();
		server.script.push(...Array.from({ length: 3 }, () => ({ trouble: 'hang up' }) as const));
		await expect(model.generate(request('Hi'))).rejects.toMatchObject({ name: 'ModelFaultError' });
	});

	it('with a server that is gone or overloaded stops the run instead of spoiling it', async () => {
		const model = await load();
		server.script.push(...Array.from({ length: 3 }, () => ({ status: 503 })));
		await expect(model.generate(request('Hi'))).rejects.toMatchObject({ name: 'ModelLoadError' });
		await server.close();
		await expect(model.generate(request('Hi'))).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringContaining('ECONNREFUSED')
		});
		server = await FakeServer.listen();
	});

	it.each([{ onText: () => undefined }, {}])(
		'of a server that says nothing ends with the time limit',
		async (options) => {
			const model = await load({ limits: { ...limits, timeLimit: 200, tries: 2 } });
			server.script.push({ trouble: 'hang' }, { trouble: 'hang' });
			await expect(model.generate(request('Hi'), options)).rejects.toMatchObject({
				name: 'ModelFaultError',
				message: expect.stringContaining('no reply within 0.2 seconds')
			});
			expect(server.completions).toHaveLength(2);
		}
	);

	it.each([
		[401, { error: { message: `Incorrect API key provided: ${key}` } }, 'ModelLoadError', /key/],
		[
			404,
			{ error: { message: 'The model `fake` does not exist' } },
			'ModelLoadError',
			/no model "fake".*\/v1/
		],
		[
			400,
			{ error: { message: '"auto" tool choice requires --enable-auto-tool-choice' } },
			'ModelLoadError',
			/hermes/
		],
		[429, { error: { message: 'quota', code: 'insufficient_quota' } }, 'ModelLoadError', /credit/],
		[400, { object: 'error', message: 'roles must alternate' }, 'ModelFaultError', /roles must alternate/],
		[422, { detail: [{ msg: 'field required' }] }, 'ModelFaultError', /field required/]
	])('%i %j is not tried again', async (status, json, name, words) => {
		const model = await load({ key });
		server.script.push({ status, json });
		const error = (await model.generate(request('Hi')).catch((caught: unknown) => caught)) as Error;
		expect(error).toMatchObject({ name, message: expect.stringMatching(words) });
		expect(error.message).not.toContain(key);
		expect(server.completions).toHaveLength(1);
	});

	it('is not followed to another server', async () => {
		const model = await load();
		server.script.push(...Array.from({ length: 3 }, () => ({ trouble: 'redirect' }) as const));
		await expect(model.generate(request('Hi'))).rejects.toThrow(/redirect/);
	});
});

it('sends so many requests at once and no more', async () => {
	const reply = async () => {
		await new Promise((resolve) => setTimeout(resolve, 10));
		return { content: 'x' };
	};
	const model = await load({ limits: { ...limits, concurrency: 3 } }, { reply });
	await Promise.all(Array.from({ length: 12 }, () => model.generate(request('Hi'))));
	expect(server.most).toBe(3);
	expect(server.completions).toHaveLength(12);
});

it('aborts at once, whether a request waits, runs or pauses, and gives its place on', async () => {
	const model = await load({
		limits: { ...limits, concurrency: 1, firstPause: 60_000, longestPause: 60_000 }
	});
	const aborted = { name: 'AbortError' };
	const [running, waiting, pausing] = [new AbortController(), new AbortController(), new AbortController()];
	server.script.push({ trouble: 'hang' }, { status: 500 });
	const first = model.generate(request('1'), running);
	const second = model.generate(request('2'), waiting);
	const third = model.generate(request('3'), pausing);
	await expect.poll(() => server.running).toBe(1);
	waiting.abort();
	await expect(second).rejects.toMatchObject(aborted);
	running.abort();
	await expect(first).rejects.toMatchObject(aborted);
	await expect.poll(() => server.completions.length).toBe(2);
	await new Promise((resolve) => setTimeout(resolve, 50));
	pausing.abort();
	await expect(third).rejects.toMatchObject(aborted);
	expect((await model.generate(request('4'))).text).toBe('Hello.');
	expect(server.completions.map(({ messages }) => messages.at(-1)!.content)).toEqual(['1', '3', '4']);
});

describe('loading', () => {
	it('records what decides the text, and no key or address', async () => {
		const model = await load(
			{ key },
			{ models: [{ id: 'fake', owned_by: 'vllm', root: 'Qwen/Qwen3-8B', max_model_len: 4096, created: 5 }] }
		);
		expect(model.identity).toEqual({
			name: 'fake',
			hash: 'fake; Qwen/Qwen3-8B',
			engine: 'openai-compatible',
			settings: { tools: 'native', greeting: expect.any(String), dialect: 'vLLM' },
			contextTokens: 4096,
			reproducible: false
		});
		expect(JSON.stringify(model)).not.toContain(key);
	});

	it("asks llama-server for a slot's context", async () => {
		const model = await load(
			{},
			{
				models: [{ id: 'fake', owned_by: 'llamacpp', meta: { n_params: 8, size: 16, n_ctx_train: 32768 } }],
				props: { default_generation_settings: { n_ctx: 2048 } }
			}
		);
		expect(model.identity).toMatchObject({ contextTokens: 2048, hash: 'fake; n_params 8; size 16' });
	});

	it('names the models that there are instead', async () => {
		await expect(load({ model: 'other' })).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringContaining('It has: fake.')
		});
		await server.close();
		expect((await load({ model: 'qwen3' }, { models: [{ id: 'qwen3:latest' }] })).identity.name).toBe(
			'qwen3:latest'
		);
	});

	it('does without a list, but not without a server or a key', async () => {
		expect((await load({}, { models: { status: 404 } })).identity.name).toBe('fake');
		await server.close();
		await expect(load({}, { models: { status: 401 } })).rejects.toThrow(/wants a key/);
		await expect(
			ServerModel.load({ address: 'http://127.0.0.1:9', model: 'x', limits })
		).rejects.toMatchObject({
			name: 'ModelLoadError'
		});
	});
});
