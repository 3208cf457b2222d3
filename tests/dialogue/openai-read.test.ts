import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/base/json-read.ts';
import { writeJson } from '../../src/base/json.ts';
import type { Message } from '../../src/dialogue/message.ts';
import { readChat, readChatLines } from '../../src/dialogue/openai-read.ts';
import { anyArguments } from '../base/any-json.ts';

const text = fc.string({ unit: 'grapheme' });

const message: fc.Arbitrary<Message> = fc.oneof(
	fc.record({ role: fc.constantFrom('system', 'user'), content: text }),
	fc.record({ role: fc.constant('assistant'), content: text }),
	fc.record({
		role: fc.constant('assistant'),
		content: text,
		tool_calls: fc.array(
			fc.record({
				id: fc.string(),
				type: fc.constant('function'),
				function: fc.record({ name: fc.string(), arguments: anyArguments })
			}),
			{ minLength: 1, maxLength: 2 }
		)
	}),
	fc.record({ role: fc.constant('tool'), content: text, tool_call_id: fc.string(), name: fc.string() })
) as fc.Arbitrary<Message>;

/** As OpenAI writes it: arguments as text, null for no words, no names of tools. */
function asOpenAi(messages: readonly Message[]): unknown[] {
	return messages.map((one) => {
		if (one.role === 'tool') return { role: 'tool', content: one.content, tool_call_id: one.tool_call_id };
		if (one.role !== 'assistant' || !one.tool_calls) return one;
		return {
			...one,
			content: one.content === '' ? null : one.content,
			tool_calls: one.tool_calls.map((call) => ({
				...call,
				function: { name: call.function.name, arguments: writeJson(call.function.arguments) }
			}))
		};
	});
}

describe('what is written and read back is the same dialogue', () => {
	it('as Joshtree writes it', () => {
		fc.assert(
			fc.property(fc.array(message), (messages) => {
				expect(readChat(parseJson(writeJson({ messages })))).toEqual(messages);
			})
		);
	});

	it('as OpenAI writes it, but for names of tools that were never called', () => {
		fc.assert(
			fc.property(fc.array(message), (messages) => {
				const read = readChat(parseJson(writeJson({ messages: asOpenAi(messages) })));
				const nameless = (list: readonly Message[]) =>
					list.map((one) => (one.role === 'tool' ? { ...one, name: '' } : one));
				expect(nameless(read)).toEqual(nameless(messages));
			})
		);
	});
});

it('a nameless answer takes the name of its call', () => {
	const call = { id: 'a', type: 'function', function: { name: 'search', arguments: '{"x":1}' } };
	expect(
		readChat({
			messages: [
				{ role: 'assistant', tool_calls: [call] },
				{ role: 'tool', tool_call_id: 'a', content: '[]' }
			]
		})[1]
	).toEqual({ role: 'tool', tool_call_id: 'a', name: 'search', content: '[]' });
});

it('reads prompts with their answers, and content in parts', () => {
	const user = {
		role: 'user',
		content: [
			{ type: 'text', text: 'a' },
			{ type: 'text', text: 'b' }
		]
	};
	const answer = { role: 'assistant', content: 'c' };
	const read = [
		{ role: 'user', content: 'ab' },
		{ role: 'assistant', content: 'c' }
	];
	expect(readChat({ prompt: [user], completion: [answer] })).toEqual(read);
	expect(readChat({ prompt: [user], chosen: [answer], rejected: [] })).toEqual(read);
});

it.each([
	['[]', 'no object'],
	['{"text": "a"}', 'no list "messages"'],
	['{"messages": ["a"]}', 'message 1 is no object'],
	['{"messages": [{"role": "human", "content": "a"}]}', 'message 1 has the role "human"'],
	['{"messages": [{"role": "user", "content": 1}]}', 'message 1 has content that is no text'],
	[
		'{"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": {}}}]}]}',
		'without a function'
	],
	[
		'{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}]}',
		'calls f with'
	],
	['{"messages": [', 'JSON']
])('the line %s is told of, and the others are read', (line, reason) => {
	const good = '{"messages": []}';
	const { conversations, problems } = readChatLines(`${good}\n\n${line}\n${good}\n`);
	expect(conversations.map((one) => one.line)).toEqual([1, 4]);
	expect(problems).toEqual([{ line: 3, reason: expect.stringContaining(reason) as unknown }]);
});
