import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/dialogue/message.ts';
import { opener } from '../../../src/dialogue/template/turns.ts';
import { plainSampling, type GenerateRequest } from '../../../src/models/language-model.ts';
import { chatBody, withoutEmptyThought } from '../../../src/models/webllm/chat-body.ts';
import { chatMessages, openedIn, safeFromTemplates } from '../../../src/models/webllm/chat-messages.ts';
import type { Pipeline } from '../../../src/models/webllm/engine.ts';

const tools = [
	{ name: 'search', description: 'Find things.', parameters: { type: 'object', properties: {} } }
];

function ask(messages: readonly Message[], more: Partial<GenerateRequest> = {}): GenerateRequest {
	return { messages, tools: [], sampling: plainSampling, seed: 1, ...more };
}

describe('chatMessages', () => {
	it('tells of the tools in the system message and writes calls and results as Hermes text', () => {
		const messages: Message[] = [
			{ role: 'system', content: 'Help.' },
			{ role: 'user', content: 'hi' },
			{
				role: 'assistant',
				content: '',
				tool_calls: [{ id: 'a', type: 'function', function: { name: 'search', arguments: { area: 'x' } } }]
			},
			{ role: 'tool', content: '{"found": 1}', tool_call_id: 'a', name: 'search' }
		];
		expect(chatMessages(ask(messages, { tools }), 'compact')).toEqual([
			{ role: 'system', content: 'Help.\n\nTools:\nsearch()' },
			{ role: 'user', content: 'hi' },
			{
				role: 'assistant',
				content: '<tool_call>\n{"name": "search", "arguments": {"area": "x"}}\n</tool_call>'
			},
			{ role: 'user', content: '<tool_response>\n{"found": 1}\n</tool_response>' }
		]);
		expect(chatMessages(ask(messages, { tools }), 'schema')[0]!.content).toContain(
			'"description": "Find things."'
		);
		const own = chatMessages(ask(messages, { tools }), 'schema', 'qwen3-coder-xml');
		expect(own[0]!.content).toContain('<function=function-name>');
		expect(own.find(({ role }) => role === 'assistant')?.content).toContain('<tool_call>\n<function=');
		expect(chatMessages(ask(messages), 'schema')[0]!.content).toBe('Help.');
	});

	it('has a user message first and last, for web-llm answers nothing else', () => {
		const system: Message = { role: 'system', content: 'Be a customer.' };
		const open = { role: 'user', content: opener };
		expect(chatMessages(ask([system]), 'compact')).toEqual([system, open]);
		// The simulator's next turn begins as its first did, so that what was computed can be used again.
		const said: Message[] = [
			{ role: 'assistant', content: 'I want a hotel.' },
			{ role: 'user', content: 'Where?' }
		];
		expect(chatMessages(ask([system, ...said]), 'compact')).toEqual([system, open, ...said]);
	});

	it('has user and assistant in turns, whoever spoke twice', () => {
		const messages: Message[] = [
			{ role: 'user', content: 'a' },
			{ role: 'assistant', content: 'b' },
			{ role: 'assistant', content: 'c' },
			{ role: 'user', content: 'd' },
			{ role: 'user', content: 'e' }
		];
		expect(chatMessages(ask(messages), 'compact').slice(1)).toEqual([
			{ role: 'user', content: 'a' },
			{ role: 'assistant', content: 'b\n\nc' },
			{ role: 'user', content: 'd\n\ne' }
		]);
	});

	it('leaves no room for a system message of web-llm', () => {
		expect(chatMessages(ask([{ role: 'user', content: 'hi' }]), 'compact')[0]).toEqual({
			role: 'system',
			content: ''
		});
	});
});

describe('openedIn', () => {
	const openedWith = (config: object) =>
		openedIn({ getConversationObject: () => ({ config }) } as unknown as Pipeline);

	it('is the thought that the end of a prompt opens', () => {
		expect(openedWith({ roles: { assistant: '<|im_start|>assistant' }, role_empty_sep: '\n<think>\n' })).toBe(
			'<think>'
		);
		expect(
			openedWith({ roles: { assistant: '<|im_start|>assistant' }, role_empty_sep: '\n' })
		).toBeUndefined();
		expect(openedWith({})).toBeUndefined();
		expect(openedIn(undefined)).toBeUndefined();
	});
});

describe('safeFromTemplates', () => {
	const pipelineWith = (parts: object, role_templates?: object) =>
		({ getConversationObject: () => ({ config: { role_templates } }), ...parts }) as unknown as Pipeline;
	const tricky = "$$ $& $` $' $1 $ $$$ US$5";
	const both = [
		{ role: 'system', content: tricky },
		{ role: 'user', content: tricky }
	] as const;
	const fill = (content: string) => '<{user_message}>'.replace('{user_message}', content);

	it('survives String.replace where web-llm uses it, and only there', () => {
		const [system, user] = safeFromTemplates(both, pipelineWith({}, { user: '{user_message}' }));
		expect([fill(system!.content), fill(user!.content)]).toEqual([`<${tricky}>`, `<${tricky}>`]);
		for (const pipeline of [pipelineWith({}), pipelineWith({ artifact: {} }, { user: '{user_message}' })]) {
			const messages = safeFromTemplates(both, pipeline);
			expect([fill(messages[0]!.content), messages[1]!.content]).toEqual([`<${tricky}>`, tricky]);
		}
	});
});

describe('chatBody', () => {
	const options = { calls: 'constrained', syntax: 'hermes-json', withoutThinking: false } as const;
	const user: Message[] = [{ role: 'user', content: 'hi' }];

	it('constrains calls to the tools, unless it is told not to or something else is asked for', () => {
		const request = ask(user, { tools });
		const format = chatBody(request, [], options).response_format;
		expect(format).toMatchObject({ type: 'structural_tag' });
		expect(chatBody(request, [], { ...options, calls: 'free' })).not.toHaveProperty('response_format');
		expect(chatBody(ask(user), [], options)).not.toHaveProperty('response_format');
		const grammar = 'root ::= "yes" | "no"';
		expect(chatBody({ ...request, constraint: { grammar } }, [], options).response_format).toEqual({
			type: 'grammar',
			grammar
		});
		expect(
			chatBody({ ...request, constraint: { jsonSchema: { type: 'object' } } }, [], options).response_format
		).toEqual({ type: 'json_object', schema: '{"type":"object"}' });
	});

	it('refuses sampling that web-llm would pass over', () => {
		for (const more of [{ topK: 40 }, { minP: 0.1 }]) {
			const request = ask(user, { sampling: { ...plainSampling, ...more } });
			expect(() => chatBody(request, [], options)).toThrow(/top-k and min-p/);
		}
	});

	it('sends seeds as unsigned numbers', () => {
		expect(chatBody(ask(user, { seed: -1 }), [], options).seed).toBe(0xffff_ffff);
	});
});

describe('withoutEmptyThought', () => {
	it('takes the block away only from the start', () => {
		expect(withoutEmptyThought('<think>\n\n</think>\n\nhi')).toBe('hi');
		expect(withoutEmptyThought('hi <think>\n\n</think>\n\n')).toBe('hi <think>\n\n</think>\n\n');
	});
});
