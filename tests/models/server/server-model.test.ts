import { afterEach, describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../../../src/models/language-model.ts';
import { ServerModel } from '../../../src/models/server/server-model.ts';
import type { ServerSource } from '../../../src/models/server/settings.ts';
import { request } from '../fake-model.ts';
import { FakeServer, type AskedBody, type FakeServerOptions } from './fake-server.ts';

const tools = [{ name: 'search', description: 'Searches.', parameters: { type: 'object', properties: {} } }];
const withTools: GenerateRequest = { ...request('Find a table.', 9), tools };
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
		[400, { object: 'error', message: 'roles must alternate' }, 'ModelLoadError', /roles must alternate/],
		[422, { detail: [{ msg: 'field required' }] }, 'ModelLoadError', /field required/],
		[413, undefined, 'ModelLoadError', /413/],
		[403, { error: { message: 'forbidden' } }, 'ModelLoadError', /forbidden.*key/]
	])('%i %j is not tried again', async (status, json, name, words) => {
		const model = await load({ key });
		server.script.push({ status, json });
		const error = (await model.generate(request('Hi')).catch((caught: unknown) => caught)) as Error;
		expect(error).toMatchObject({ name, message: expect.stringMatching(words) });
		expect(error.message).not.toContain(key);
		expect(server.completions).toHaveLength(1);
	});

	it.each([400, 403, 413, 422])(
		'of status %i is about one request once the server has answered one of its kind',
		async (status) => {
			const model = await load();
			const refusal = { status, json: { error: { message: 'no' } } };
			await model.generate(request('Hi'));
			server.script.push(refusal);
			await expect(model.generate(request('Hi'))).rejects.toMatchObject({ name: 'ModelFaultError' });
			// Of a request with tools nothing is known yet.
			server.script.push(refusal);
			await expect(model.generate(withTools)).rejects.toMatchObject({
				name: 'ModelLoadError',
				message: expect.stringMatching(/: no\..* It has not answered any request with tools yet/)
			});
		}
	);

	it('with one of the first requests is its own if another is answered meanwhile', async () => {
		const answers = new Map<string, () => void>();
		const reply = async ({ messages }: AskedBody) => {
			const { content } = messages.at(-1)!;
			await new Promise<void>((resolve) => answers.set(content as string, resolve));
			return content === 'bad' ? { status: 400, json: { error: { message: 'no' } } } : { content: 'x' };
		};
		const model = await load({}, { reply });
		const outcomes = ['bad', 'good'].map((content) =>
			model.generate(request(content)).then(
				() => 'answered',
				({ name }: Error) => name
			)
		);
		await expect.poll(() => answers.size).toBe(2);
		answers.get('bad')!();
		await expect.poll(() => server.running).toBe(1);
		answers.get('good')!();
		expect(await Promise.all(outcomes)).toEqual(['ModelFaultError', 'answered']);
	});

	it('with all of the first requests stops the run', async () => {
		const model = await load({}, { reply: () => ({ status: 400, json: { error: { message: 'no' } } }) });
		const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((text) => model.generate(request(text))));
		for (const outcome of outcomes)
			expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'ModelLoadError' } });
		expect(server.completions).toHaveLength(3);
	});

	it('that is our own error is not called a broken connection', async () => {
		const model = await load();
		const onText = () => {
			throw new TypeError('a bug');
		};
		await expect(model.generate(request('Hi'), { onText })).rejects.toThrow(/^a bug$/);
		expect(server.completions).toHaveLength(1);
	});

	it('is not followed to another server', async () => {
		const model = await load();
		server.script.push(...Array.from({ length: 3 }, () => ({ trouble: 'redirect' }) as const));
		await expect(model.generate(request('Hi'))).rejects.toThrow(/redirect/);
	});
});

describe('a field that the server does not take', () => {
	const refuse = (field: string, message: string) => (body: AskedBody) =>
		field in body ? { status: 400, json: { error: { message } } } : { content: 'Hello.' };
	const wary = { ...request('Hi'), sampling: { ...request('Hi').sampling, topK: 5, minP: 0.1 } };

	it.each([
		['seed', "property 'seed' is unsupported"],
		['seed', 'Invalid JSON payload received. Unknown name "seed": Cannot find field.'],
		['top_k', 'Unrecognized request argument supplied: top_k'],
		['min_p', '[{"type":"extra_forbidden","loc":["body","min_p"],"msg":"Extra inputs are not permitted"}]'],
		['stream_options', "Extra inputs are not permitted, field: 'stream_options'"],
		['parallel_tool_calls', 'Unsupported parameter: parallel_tool_calls']
	])('is left out if it is %s and named: %s', async (field, message) => {
		const model = await load(
			{ settings: { body: { parallel_tool_calls: false } } },
			{ reply: refuse(field, message) }
		);
		for (let times = 0; times < 2; times++) {
			const { text, warnings } = await model.generate(wary, { onText: () => undefined });
			expect(text).toBe('Hello.');
			expect(warnings).toEqual([`${field} was not taken by ${server.origin} and was left out`]);
		}
		// Refused once, and never sent again.
		expect(server.completions.map((body) => field in body)).toEqual([true, false, false]);
	});

	it('is left out with all others that are refused one after the other', async () => {
		const reply = (body: AskedBody) => {
			const field = ['seed', 'top_k', 'min_p'].find((name) => name in body);
			return field ? { status: 422, json: { detail: [{ loc: ['body', field] }] } } : { content: 'Hello.' };
		};
		const model = await load({}, { reply });
		expect((await model.generate(wary)).warnings).toHaveLength(3);
		expect(server.completions).toHaveLength(4);
	});

	it('stops the run if the server cannot do without it, or it is not optional', async () => {
		const model = await load(
			{},
			{ reply: () => ({ status: 400, json: { error: { message: 'seed? model?' } } }) }
		);
		await expect(model.generate(request('Hi'))).rejects.toMatchObject({ name: 'ModelLoadError' });
		expect(server.completions.map((body) => 'seed' in body)).toEqual([true, false]);
		// Nothing was learnt from that.
		await expect(model.generate(request('Hi'))).rejects.toThrow();
		expect(server.completions[2]).toHaveProperty('seed');
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

	it.each<[string, string]>([
		['a list as it is', '[{"id": "fake"}, null, "x"]'],
		['other entries', '{"data": [null, 7, {"id": 5}, {"id": "fake", "max_model_len": "much", "meta": []}]}'],
		['digits beyond 2^53', '{"data": [{"id": "fake", "created": 12345678901234567890}]}']
	])('reads %s', async (_, text) => {
		expect((await load({}, { models: { text } })).identity).toMatchObject({ name: 'fake', contextTokens: 0 });
	});

	it.each([
		['a web page', '<!doctype html><title>Router</title>', /with a web page: .*Router.*\/v1/],
		['other JSON', '{"models": 3}', /with other JSON: \{"models": 3\}/],
		['no JSON', 'It works!', /failed: the server sent .*It works!/],
		['half of it', '{"data": [{"id": "fa', /failed: the server sent/],
		['nothing', '', /failed: the server sent an empty body/],
		['an error', '{"error": {"message": "warming up", "code": 503}}', /failed \(503\): warming up/],
		['no models', '{"object": "list", "data": null}', /It has: none/]
	])('says what it got instead of models: %s', async (_, text, words) => {
		await expect(load({}, { models: { text } })).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(words)
		});
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
