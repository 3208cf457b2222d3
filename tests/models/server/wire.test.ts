import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Message } from '../../../src/dialogue/message.ts';
import { leavingNotice, serverAddress } from '../../../src/models/server/address.ts';
import { saysOverflow } from '../../../src/models/server/overflow.ts';
import { askedPause, pauseAfter } from '../../../src/models/server/pauses.ts';
import { readServerReply } from '../../../src/models/server/server-reply.ts';
import {
	callFromWire,
	toWire,
	wireMessages,
	type WireCall
} from '../../../src/models/server/wire-messages.ts';
import { anyArguments } from '../../base/any-json.ts';

const text = fc.string({ unit: 'grapheme' });
const name = fc.string({ minLength: 1, maxLength: 10 });
const call = fc.record({
	id: name,
	type: fc.constant('function' as const),
	function: fc.record({ name, arguments: anyArguments })
});
const message: fc.Arbitrary<Message> = fc.oneof(
	fc.record({
		role: fc.constantFrom('system' as const, 'user' as const),
		content: text
	}) as fc.Arbitrary<Message>,
	fc.record({ role: fc.constant('assistant' as const), content: text }),
	fc.record({
		role: fc.constant('assistant' as const),
		content: text,
		tool_calls: fc.array(call, { minLength: 1, maxLength: 3 })
	}),
	fc.record({ role: fc.constant('tool' as const), content: text, tool_call_id: name, name })
);

/** What a server that plays the message back would have us read. */
function fromWire(wire: ReturnType<typeof toWire>): Message {
	const { tool_calls: calls, ...rest } = wire as { content: string | null; tool_calls?: WireCall[] };
	const back = { ...rest, content: rest.content ?? '' } as Message;
	if (!calls) return back;
	const read = calls.map((one) => callFromWire(one, (one as { id: string }).id));
	return { ...back, tool_calls: read } as Message;
}

describe('messages', () => {
	it('come back from the wire as they were', () => {
		fc.assert(
			fc.property(message, (one) => {
				const wire = JSON.parse(JSON.stringify(toWire(one))) as ReturnType<typeof toWire>;
				expect(fromWire(wire)).toEqual(one);
			})
		);
	});

	it('have arguments as text, and no content beside calls without words', () => {
		fc.assert(
			fc.property(message, (one) => {
				const wire = toWire(one) as { content: unknown; tool_calls?: { function: { arguments: unknown } }[] };
				for (const { function: made } of wire.tool_calls ?? []) expect(typeof made.arguments).toBe('string');
				expect(wire.content === null).toBe(
					one.role === 'assistant' && one.content === '' && 'tool_calls' in one
				);
			})
		);
	});

	it('begin with a user after the system, whatever the conversation', () => {
		fc.assert(
			fc.property(fc.array(message), fc.constantFrom('native', 'hermes', 'compact'), (messages, tools) => {
				const wire = wireMessages({ messages, tools: [] }, { tools, greeting: 'Hi!' });
				expect(wire.find(({ role }) => role !== 'system')?.role).toBe('user');
			})
		);
	});

	it('read from calls never fail, whatever a server sends', () => {
		fc.assert(
			fc.property(fc.array(fc.anything()), text, (calls, content) => {
				const wires = calls.map((one) => ({ function: one })) as WireCall[];
				const {
					message,
					problem,
					text: whole
				} = readServerReply({ thoughts: '', content, calls: wires }, { seed: 3, tools: [] });
				if (problem === undefined && wires.length > 0) expect(message.tool_calls).toHaveLength(wires.length);
				else expect(message.tool_calls).toBeUndefined();
				expect(typeof whole).toBe('string');
			})
		);
	});
});

/** Whole messages as servers send them, for numbers of our own. */
const overflows = {
	OpenAI:
		"This model's maximum context length is 4097 tokens. However, your messages resulted in 5613 tokens. Please reduce the length of the messages.",
	vLLM: "This model's maximum context length is 2048 tokens. However, you requested 2300 tokens (2180 in the messages, 120 in the completion). Please reduce the length of the messages or completion.",
	'vLLM, the reply':
		"'max_tokens' or 'max_completion_tokens' is too large: 256. This model's maximum context length is 512 tokens and your request has 400 input tokens (256 > 512 - 400).",
	'vLLM, the engine': 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.',
	'llama-server': 'request (2300 tokens) exceeds the available context size (2048 tokens), try increasing it',
	'llama-server, before': 'the request exceeds the available context size. try increasing the context size',
	'llama-cpp-python': 'Requested tokens (2300) exceed context window of 2048',
	Ollama: 'the input length exceeds the context length',
	'Ollama, while it writes': 'prompt too long; exceeded max context length by 40 tokens',
	SGLang: "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
	'SGLang, the reply':
		"Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 4941 tokens: 941 tokens from the input messages and 4000 tokens for the completion.",
	'SGLang, the scheduler':
		'Input length (131393 tokens) exceeds the maximum allowed length (131040 tokens). Use a shorter input or enable --allow-auto-truncate.',
	'LM Studio': 'The number of tokens to keep from the initial prompt is greater than the context length.',
	'LM Studio, older':
		'Trying to keep the first 5120 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input.',
	'LM Studio, while it writes':
		'Reached context length of 4096 tokens with model (arch: qwen3) that does not currently support mid-generation context overflow. Try reloading with a larger context length or shortening the prompt/chat.',
	'LM Studio, MLX': 'Context size has been exceeded.',
	'vLLM, before 0.3': 'Input prompt (5000 tokens) is too long and exceeds limit of 4096',
	'vLLM 0.6':
		'The prompt (total length 5000) is too long to fit into the model (context length 4096). Make sure that `max_model_len` is no smaller than the number of text tokens.',
	'vLLM 0.9':
		"You passed 5000 input tokens and requested 100 output tokens. However, the model's context length is only 4096 tokens, resulting in a maximum input length of 3996 tokens.",
	'vLLM 0.12': 'The engine prompt length 5000 exceeds the max_model_len 4096. Please reduce prompt.',
	'vLLM 0.15': "Input length (5000) exceeds model's maximum context length (4096).",
	'vLLM, nothing left': 'max_tokens must be at least 1, got -904. (parameter=max_tokens, value=-904)',
	Gemini: 'The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).',
	'Gemini, older': 'The input token count exceeds the maximum number of tokens allowed 32768.',
	'Vertex AI':
		'Unable to submit request because the input token count is 36021 but the model only supports up to 32768. Reduce the input token count and try again.',
	Anthropic: 'prompt is too long: 208310 tokens > 200000 maximum',
	'Anthropic, the reply':
		'input length and `max_tokens` exceed context limit: 196000 + 8192 > 200000, decrease input length or `max_tokens` and try again',
	Bedrock: 'Input is too long for requested model.',
	'Bedrock, Cohere': 'Too many input tokens. Max input tokens: 8192, request input token count: 9000',
	'Bedrock, Nova':
		'Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.',
	'Text Generation Inference':
		'Input validation error: `inputs` must have less than 1024 tokens. Given: 1500',
	'Text Generation Inference, the reply':
		'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 1900 `inputs` tokens and 256 `max_new_tokens`',
	'TensorRT-LLM': 'Prompt length (5000) exceeds maximum input length (4096).',
	Mistral:
		'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
	Cohere:
		'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5292. Try using a shorter prompt, or enable prompt truncating.',
	Groq: 'Please reduce the length of the messages or completion.',
	Fireworks: 'The prompt is too long: 140000, model maximum context length: 131071',
	xAI: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
	OpenRouter:
		"This endpoint's maximum context length is 128000 tokens. However, you requested about 140000 tokens (139000 of text input, 1000 in the output).",
	'OpenAI, responses':
		'Your input exceeds the context window of this model. Please adjust your input and try again.',
	Cloudflare:
		'The estimated number of input and maximum output tokens (9000) exceeded this model context window limit (8192).',
	'GitHub Models': 'Request body too large for gpt-4o model. Max size: 8000 tokens.',
	MiniMax: 'invalid params, context window exceeds limit',
	Moonshot: 'Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)',
	Qwen: 'Range of input length should be [1, 30720]',
	Zhipu: 'Prompt exceeds max length'
};

describe('a context that is too small', () => {
	test.each(Object.entries(overflows))('in the words of %s', (_server, words) => {
		expect(saysOverflow(words)).toBe(true);
	});

	test.each([
		'Rate limit reached for requests',
		'The model `gpt-4` does not exist',
		'max_tokens must be at least 1, got 0',
		'Internal Server Error',
		'context canceled',
		'invalid input length of field "stop"',
		'max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.',
		'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for this model',
		'`max_new_tokens` must be <= 512. Given: 1000',
		'Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7012, please reduce your message size and try again.',
		'This request would exceed the rate limit for your organization of 30000 input tokens per minute.',
		'Number of request tokens has exceeded your daily rate limit',
		'Too many tokens, please wait before trying again.',
		'You exceeded your current quota, please check your plan and billing details.',
		'Rate limit exceeded: prompt is too long for your tier',
		"Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 70 instead.",
		'Conversation roles must alternate user/assistant/user/assistant/...'
	])('is not meant by: %s', (words) => {
		expect(saysOverflow(words)).toBe(false);
	});
});

describe('pauses', () => {
	const limits = { firstPause: 100, longestPause: 1000 };

	it('double, are cut off, leave half to chance and respect what was asked', () => {
		expect([1, 2, 3, 9].map((tries) => pauseAfter(tries, limits, undefined, 1))).toEqual([
			100, 200, 400, 1000
		]);
		expect(pauseAfter(2, limits, undefined, 0)).toBe(100);
		expect(pauseAfter(1, limits, 5000, 0)).toBe(5000);
		expect(pauseAfter(5, limits, 3, 0)).toBe(500);
	});

	test.each([
		[{ 'retry-after': '2' }, 2000],
		[{ 'retry-after': 'Thu, 01 Jan 1970 00:01:05 GMT' }, 5000],
		[{ 'retry-after': 'Thu, 01 Jan 1970 00:00:05 GMT' }, 0],
		[{ 'retry-after-ms': '70', 'retry-after': '9' }, 70],
		[{ 'retry-after': 'soon' }, undefined],
		[{}, undefined]
	])('that servers ask for with %j', (headers, pause) => {
		expect(askedPause(new Headers(headers as Record<string, string>), 60_000)).toBe(pause);
	});
});

describe('addresses', () => {
	test.each([
		['localhost:8000', 'http://localhost:8000/v1'],
		[' http://node17:8000/ ', 'http://node17:8000/v1'],
		['https://api.example.com/v1/', 'https://api.example.com/v1'],
		['https://api.example.com/v1/chat/completions', 'https://api.example.com/v1'],
		['https://example.com/openai/v1?x=1#y', 'https://example.com/openai/v1'],
		['[::1]:1234', 'http://[::1]:1234/v1']
	])('%s', (typed, address) => {
		expect(serverAddress(typed).href).toBe(address);
	});

	test.each(['', 'ftp://example.com', 'http://', 'http://me:secret@example.com'])(
		'%j is refused',
		(typed) => {
			expect(() => serverAddress(typed)).toThrow(/address/);
		}
	);

	it('that leave the machine are told of once each', () => {
		const at = (...typed: string[]) => leavingNotice(typed.map(serverAddress));
		expect(at('localhost:1', '127.0.0.1:2', '[::1]:3', 'a.localhost')).toBeUndefined();
		expect(at('localhost:1', 'https://api.example.com/v1', 'https://api.example.com/v1')).toMatch(
			/leaves this machine.*sent to https:\/\/api\.example\.com\.$/
		);
		expect(at('node17:8000', '192.168.0.2')).toContain('http://node17:8000 and http://192.168.0.2');
	});
});
