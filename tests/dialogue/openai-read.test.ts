import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/base/json-read.ts';
import { writeJson } from '../../src/base/json.ts';
import type { Message } from '../../src/dialogue/message.ts';
import { readChatLines } from '../../src/dialogue/openai-read.ts';
import { readRecord } from '../../src/dialogue/read-record.ts';
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

/** The one conversation of a file that holds this record. */
function read(record: unknown) {
	const { conversations, problems } = readChatLines(`${writeJson(record)}\n`);
	expect(problems).toEqual([]);
	expect(conversations).toHaveLength(1);
	return conversations[0]!;
}

describe('what is written and read back is the same dialogue', () => {
	it('as Joshtree writes it', () => {
		fc.assert(
			fc.property(fc.array(message), (messages) => {
				expect(readRecord(parseJson(writeJson({ messages }))).messages).toEqual(messages);
			})
		);
	});

	it('as OpenAI writes it, but for names of tools that were never called', () => {
		fc.assert(
			fc.property(fc.array(message), (messages) => {
				const again = readRecord(parseJson(writeJson({ messages: asOpenAi(messages) }))).messages;
				const nameless = (list: readonly Message[]) =>
					list.map((one) => (one.role === 'tool' ? { ...one, name: '' } : one));
				expect(nameless(again)).toEqual(nameless(messages));
			})
		);
	});
});

const user = { role: 'user', content: 'hi' };
const call = (args: unknown, id = 'a') => ({
	role: 'assistant',
	content: '',
	tool_calls: [{ id, type: 'function', function: { name: 'search', arguments: args } }]
});

describe('an answer', () => {
	it('takes the name of its call, by its id or by its turn', () => {
		const { messages } = read({
			messages: [
				{
					role: 'assistant',
					tool_calls: [
						{ id: 'a', function: { name: 'f', arguments: '{}' } },
						{ id: 'b', function: { name: 'g', arguments: '{}' } }
					]
				},
				{ role: 'tool', tool_call_id: 'b', content: '1' },
				{ role: 'tool', tool_call_id: 'a', content: '2' },
				{ role: 'assistant', function_call: { name: 'h', arguments: '{}' } },
				{ role: 'function', content: '3' },
				{ role: 'function', name: 'k', content: '4' }
			]
		});
		expect(messages.map((one) => (one.role === 'tool' ? one.name : ''))).toEqual([
			'',
			'g',
			'f',
			'',
			'h',
			'k'
		]);
	});

	it.each([
		[[{ id: 7, text: 'note', price: 3 }], '[{"id": 7, "text": "note", "price": 3}]'],
		[[{ text: 'note' }], '[{"text": "note"}]'],
		[['a', 'b'], '["a", "b"]'],
		[[], '[]'],
		[{ ok: true }, '{"ok": true}'],
		[3, '3'],
		[12345678901234567890n, '12345678901234567890'],
		[null, ''],
		[
			[
				{ type: 'text', text: 'a' },
				{ type: 'text', text: 'b' }
			],
			'ab'
		]
	])('stays whole (%#)', (content, expected) => {
		const { messages } = read({ messages: [call({}), { role: 'tool', tool_call_id: 'a', content }] });
		expect(messages[1]).toEqual({ role: 'tool', tool_call_id: 'a', name: 'search', content: expected });
	});
});

describe('arguments', () => {
	it.each([
		['null', {}],
		['', {}],
		[null, {}],
		[{ n: 12345678901234567890n }, { n: 12345678901234567890n }],
		['{"n": 12345678901234567890}', { n: 12345678901234567890n }]
	])('are read (%#)', (given, expected) => {
		const [one] = read({ messages: [call(given)] }).messages;
		expect(one).toMatchObject({ tool_calls: [{ function: { arguments: expected } }] });
	});

	it('keep their numbers as they were written, in text and in objects', () => {
		for (const args of ['{"a": 2.0, "b": [1e3]}', '"{\\"a\\": 2.0, \\"b\\": [1e3]}"']) {
			const line = `{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": ${args}}}]}]}`;
			expect(readChatLines(line).conversations[0]!.messages[0]).toMatchObject({
				tool_calls: [
					{ function: { arguments: { a: 2, b: [1000] }, argumentsText: '{"a": 2.0, "b": [1e3]}' } }
				]
			});
		}
	});
});

describe('nothing is left out of a message', () => {
	const said = (more: object) =>
		read({ messages: [user, { role: 'assistant', content: 'Hello', ...more }] }).messages[1];

	it.each([
		['reasoning_content', { reasoning_content: 'A greeting.' }, { reasoning: 'A greeting.' }],
		[
			'reasoning',
			{ reasoning: 'A greeting.', reasoning_content: 'A greeting.' },
			{ reasoning: 'A greeting.' }
		],
		['thinking', { thinking: 'A greeting.', reasoning: null }, { reasoning: 'A greeting.' }],
		[
			'reasoning that differs',
			{ reasoning_content: 'a', reasoning: 'b' },
			{ reasoning: 'a', rest: { reasoning: 'b' } }
		],
		['refusal', { content: null, refusal: 'No.' }, { content: '', refusal: 'No.' }],
		[
			'function_call',
			{ function_call: { name: 'f', arguments: '{"a":1}' } },
			{ tool_calls: [{ id: '', type: 'function', function: { name: 'f', arguments: { a: 1 } } }] }
		],
		[
			'a call without a nest',
			{ tool_calls: [{ name: 'f', arguments: {} }] },
			{ tool_calls: [{ id: '', type: 'function', function: { name: 'f', arguments: {} } }] }
		],
		['audio', { audio: { id: 'x' } }, { rest: { audio: { id: 'x' } } }],
		['name and weight', { name: 'Ann', weight: 0 }, { rest: { name: 'Ann', weight: 0 } }],
		[
			'what holds nothing',
			{ audio: null, annotations: [], name: '', function_call: null, tool_calls: [] },
			{}
		],
		[
			'more in a call',
			{
				tool_calls: [
					{ id: 'a', type: 'function', index: 0, function: { name: 'f', arguments: {}, strict: true } }
				]
			},
			{
				tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }],
				rest: { tool_calls: [{ index: 0, function: { strict: true } }] }
			}
		],
		[
			'parts',
			{ content: [{ type: 'text', text: 'a' }, 'b', { text: 'c', image: null }] },
			{ content: 'abc' }
		],
		[
			'images',
			{
				content: [
					{ type: 'text', text: 'a' },
					{ type: 'image_url', image_url: { url: 'data:' } }
				]
			},
			{ content: 'a', rest: { content: [{ type: 'image_url', image_url: { url: 'data:' } }] } }
		],
		[
			'more in a part',
			{ content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] },
			{ content: 'a', rest: { content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] } }
		],
		[
			'thoughts and refusals in parts',
			{
				content: [
					{ type: 'thinking', thinking: 'Hm.' },
					{ type: 'refusal', refusal: 'No.' }
				]
			},
			{ content: '', reasoning: 'Hm.', refusal: 'No.' }
		]
	])('%s', (_, more, expected) => {
		expect(said(more)).toEqual({ role: 'assistant', content: 'Hello', ...expected });
	});

	it('nor of a record', () => {
		expect(read({ messages: [user], tools: '[]', id: 7, source: null }).rest).toEqual({ tools: '[]', id: 7 });
		expect(read({ input: { messages: [user], tools: [1] }, preferred_output: [], weight: 2 }).rest).toEqual({
			tools: [1],
			weight: 2
		});
	});
});

describe('a record', () => {
	const good = { role: 'assistant', content: 'GOOD' };
	const bad = { role: 'assistant', content: 'BAD' };
	const marks = (record: unknown) =>
		read(record).messages.map(({ content, verdict }) => (verdict ? `${verdict}: ${content}` : content));

	it.each([
		['prompt and completion', { prompt: [user], completion: [good] }, ['hi', 'GOOD']],
		['a label', { prompt: [user], completion: [bad], label: false }, ['hi', 'bad: BAD']],
		['a label of one message', { prompt: [user], completion: good, label: true }, ['hi', 'good: GOOD']],
		[
			'a label of the last message',
			{ messages: [user, bad, user, bad], label: false },
			['hi', 'BAD', 'hi', 'bad: BAD']
		],
		[
			'two sides',
			{ prompt: [user], chosen: [good], rejected: [bad] },
			['hi', 'chosen: GOOD', 'rejected: BAD']
		],
		[
			'sides of one message',
			{ messages: [user], chosen: good, rejected: bad },
			['hi', 'chosen: GOOD', 'rejected: BAD']
		],
		[
			'sides that are conversations',
			{ chosen: [user, good], rejected: [user, bad] },
			['hi', 'chosen: GOOD', 'rejected: BAD']
		],
		[
			'sides that repeat the prompt',
			{ prompt: 'hi', chosen: [user, good], rejected: [user, bad] },
			['hi', 'chosen: GOOD', 'rejected: BAD']
		],
		[
			'equal sides',
			{ chosen: [user, good], rejected: [user, good] },
			['hi', 'chosen: GOOD', 'rejected: GOOD']
		],
		['one side', { prompt: [user], chosen: [good] }, ['hi', 'chosen: GOOD']],
		[
			'input and outputs',
			{ input: { messages: [user] }, preferred_output: [good], non_preferred_output: [bad] },
			['hi', 'chosen: GOOD', 'rejected: BAD']
		],
		['text', { prompt: 'hi', completion: 'GOOD' }, ['hi', 'GOOD']],
		[
			'text in ChatML',
			{
				prompt: '<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n',
				completion: 'BAD<|im_end|>',
				label: false
			},
			['hi', 'bad: BAD']
		],
		[
			'ShareGPT',
			{
				conversations: [
					{ from: 'human', value: 'hi' },
					{ from: 'gpt', value: 'GOOD' }
				],
				kto_tag: true,
				system: 'S'
			},
			['S', 'hi', 'good: GOOD']
		],
		['a list of messages', [user, good], ['hi', 'GOOD']],
		['a column of another name', { reward: 1, traj: [user, good] }, ['hi', 'GOOD']]
	])('with %s', (_, record, expected) => expect(marks(record)).toEqual(expected));

	it('in ShareGPT’s form has calls and answers, as JSON or as Hermes text', () => {
		const calls = (conversations: unknown[], more = {}) => read({ conversations, ...more }).messages;
		const made = { function: { name: 'f', arguments: { a: 1 } } };
		expect(
			calls([
				{ from: 'human', value: 'hi' },
				{ from: 'function_call', value: '{"name": "f", "arguments": {"a": 1}}' },
				{ from: 'observation', value: '3' }
			])
		).toMatchObject([user, { tool_calls: [made] }, { role: 'tool', name: 'f', content: '3' }]);
		const hermes = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>';
		const turns = [
			{ from: 'gpt', value: `Look.\n${hermes}` },
			{ from: 'tool', value: '<tool_response>\n3\n</tool_response>' }
		];
		expect(calls(turns)).toMatchObject([
			{ content: 'Look.', tool_calls: [made] },
			{ role: 'tool', name: 'f', content: '3' }
		]);
		expect(calls([{ from: 'gpt', value: `<think>Three.</think>${hermes}` }])).toMatchObject([
			{ content: '', reasoning: 'Three.', tool_calls: [made] }
		]);
		// LLaMA-Factory has calls of its own, so these are words.
		expect(calls([{ from: 'gpt', value: hermes }], { system: '' })).toEqual([
			{ role: 'assistant', content: hermes }
		]);
	});
});

describe('a file', () => {
	const one = { messages: [user] };
	const places = (text: string) => {
		const { conversations, problems } = readChatLines(text);
		expect(problems).toEqual([]);
		return conversations.map(({ line, item }) => (item === undefined ? line : [line, item]));
	};

	it.each([
		['lines', `${JSON.stringify(one)}\n\n${JSON.stringify(one)}`, [1, 3]],
		['lines with BOM and CRLF', `\ufeff${JSON.stringify(one)}\r\n${JSON.stringify(one)}\r\n`, [1, 2]],
		[
			'a compact list',
			JSON.stringify([one, one]),
			[
				[1, 1],
				[1, 2]
			]
		],
		[
			'an indented list',
			`\ufeff\n${JSON.stringify([one, one], null, 1)}`,
			[
				[2, 1],
				[2, 2]
			]
		],
		[
			'lists in lines',
			`${JSON.stringify([one])}\n${JSON.stringify([one, one])}`,
			[
				[1, 1],
				[2, 1],
				[2, 2]
			]
		],
		['an indented record', JSON.stringify(one, null, '\t'), [1]],
		['an indented list of messages', JSON.stringify([user, user], null, 2), [1]],
		[
			'an object with a list of records',
			JSON.stringify({ version: 1, data: [one, one] }),
			[
				[1, 1],
				[1, 2]
			]
		],
		['a list of trajectories', JSON.stringify([{ task_id: 0, traj: [user] }], null, 2), [[1, 1]]],
		['an empty list', '[]', []],
		['nothing', '\n \n', []]
	])('of %s', (_, content, expected) => expect(places(content)).toEqual(expected));

	it.each([
		['[3]', 'not an object', 1],
		['{"text": "a"}', 'no list "messages"'],
		['{"text": "a", "label": 1}', 'its columns: text, label'],
		['{"messages": ["a"]}', 'message 1 is not an object'],
		['{"messages": [{"role": "narrator", "content": "a"}]}', 'message 1 has the role "narrator"'],
		['{"messages": [{"content": "a"}]}', 'message 1 has the role null'],
		['{"messages": [{"role": "user", "content": 1}]}', 'message 1 has content that is not text'],
		['{"messages": [{"role": "assistant", "tool_calls": "f"}]}', 'tool_calls that are not a list'],
		[
			'{"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": {}}}]}]}',
			'without a function'
		],
		[
			'{"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}]}',
			'calls f with'
		],
		[
			'{"conversations": [{"from": "function_call", "value": "f()"}]}',
			'message 1 has a call that cannot be read'
		],
		['{"messages": [{"role": "user", "content": 1e999}]}', 'a number below 1.8e308'],
		[`{"messages": ${'['.repeat(5000)}${']'.repeat(5000)}}`, 'levels of nesting'],
		['{"messages": [', 'at offset 14']
	])('tells of the line %s, and reads the others', (line, reason, item?: number) => {
		const good = '{"messages": []}';
		const { conversations, problems } = readChatLines(`${good}\n\n${line}\n${good}\n`);
		expect(conversations.map((conversation) => conversation.line)).toEqual([1, 4]);
		const place = item === undefined ? { line: 3 } : { line: 3, item };
		expect(problems).toEqual([{ ...place, reason: expect.stringContaining(reason) as unknown }]);
	});

	it('tells once of a list that breaks off, and of each item that is none', () => {
		const list = JSON.stringify([one, { a: 1 }, one], null, 1);
		expect(readChatLines(list).conversations).toHaveLength(2);
		expect(readChatLines(list).problems).toMatchObject([{ line: 1, item: 2 }]);
		expect(readChatLines(list.slice(0, -9))).toMatchObject({ conversations: [], problems: [{ line: 1 }] });
	});
});
