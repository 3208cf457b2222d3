import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { ToolSpec } from '../../../src/dialogue/tool.ts';
import { readReplyCases, unread } from '../../../src/cli/read-replies/reply-cases.ts';
import { replyMarkers, syntaxes } from '../../../src/dialogue/syntax/index.ts';
import { readReply } from '../../../src/dialogue/syntax/read-reply.ts';
import { answers } from './answers.ts';

vi.setConfig({ testTimeout: 60_000 });

const tools: readonly ToolSpec[] = [
	{
		name: 'find_table',
		description: 'Lists free tables.',
		parameters: {
			type: 'object',
			properties: { place: { type: 'string' }, guests: { type: 'integer' }, terrace: { type: 'boolean' } }
		}
	},
	{ name: 'house_rules', description: 'Tells the rules.', parameters: { type: 'object', properties: {} } }
];

describe('recorded replies', () => {
	const path = new URL('../../cases/replies/cases.json', import.meta.url);
	const { cases } = readReplyCases(readFileSync(path, 'utf8'));

	it.each(cases.map((one) => [one.id, one] as const))('%s is read', (_, one) => {
		expect(unread(one)).toBeUndefined();
	});
});

describe('10,000 answers that call nothing', () => {
	it('hold no call, and stay as they are', () => {
		const some = answers(
			10_000,
			tools.map(({ name }) => name),
			7
		);
		const naming = some.filter((text) => /find_table|house_rules/.test(text));
		expect(naming.length).toBeGreaterThan(some.length / 3);
		for (const text of some) {
			const { toolCalls, content, problems } = readReply(text, { tools });
			expect({ text, toolCalls }).toEqual({ text, toolCalls: [] });
			expect(content).toBe(text.trim());
			expect({ text, problems }).toEqual({ text, problems: [] });
		}
	});
});

describe('what is meant as a call and is none', () => {
	it.each([
		['cut off in the midst of its arguments', '{"name": "find_table", "parameters": {"place": "Quay'],
		['cut off behind words', 'Let me look.\n{"name": "find_table", "arguments": {"place": "Quay'],
		['in code, without the brackets of a list', "find_table(place='Quay')"],
		['a list cut off', "[find_table(place='Quay', guests=2"],
		['with arguments by position', "[find_table('Quay')]"],
		['of a tool that there is not', '{"name": "find_tables", "arguments": {"place": "Quay"}}'],
		['in the midst of words', 'I do\n{"name": "find_table", "arguments": {"place": "Quay"}}\nand wait.']
	])('%s is a problem, and no speech', (_, text) => {
		const { toolCalls, problems, content } = readReply(text, { tools });
		expect({ toolCalls, problems: problems.length, content }).toEqual({
			toolCalls: [],
			problems: 1,
			content: text
		});
	});
});

describe('slips that leave no doubt', () => {
	const table = { name: 'find_table', arguments: { place: 'Quay', guests: 2 } };
	it.each([
		[
			'a closing tag of another syntax',
			'<tool_call>\n{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}\n</tool_calls>'
		],
		[
			'a closing tag that is cut off',
			'<tool_call>\n{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}\n</tool_call'
		],
		[
			'a closing tag twice',
			'<tool_call>\n{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}\n</tool_call>\n</tool_call>'
		],
		[
			'tags within each other',
			'<tool_call>\n<tool_call>\n{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}\n</tool_call>\n</tool_call>'
		],
		[
			'a brace too few in a list',
			'<|tool_call|>[{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}]'
		],
		[
			'a bracket too few',
			'<TOOLCALL>[{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}</TOOLCALL>'
		],
		[
			'braces that were doubled for a template',
			'<tool_call>\n{{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}}\n</tool_call>'
		],
		[
			'keys without quotes',
			'<tool_call>{name: "find_table", arguments: {place: "Quay", guests: 2}}</tool_call>'
		],
		['a comma after the last call', '[find_table(place="Quay", guests=2,),]'],
		[
			'another word for arguments',
			'<tool_call>{"name": "find_table", "args": {"place": "Quay", "guests": 2}}</tool_call>'
		],
		[
			'a namespace',
			'<tool_call>{"name": "functions.find_table", "arguments": {"place": "Quay", "guests": 2}}</tool_call>'
		],
		[
			'the call of another syntax in the tags',
			'<tool_call>\nfind_table\n{"place": "Quay", "guests": 2}\n</tool_call>'
		],
		[
			'the token that ends the message',
			'{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}<|eot_id|>'
		],
		['line ends of Windows', 'find_table\r\n{"place": "Quay", "guests": 2}'],
		['a list of Python in a fence', '```python\n[find_table(place="Quay", guests=2)]\n```'],
		[
			'a parameter without its closing tag',
			'<tool_call>\n<function=find_table>\n<parameter=place>\nQuay\n<parameter=guests>\n2\n</function>\n</tool_call>'
		],
		[
			'Qwen3-Coder without its opening tag',
			'<function=find_table>\n<parameter=place>\nQuay\n</parameter>\n<parameter=guests>\n2\n</parameter>\n</function>\n</tool_call>'
		],
		[
			'the opening tag for the closing one',
			'<tool_call>\n{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}\n<tool_call>'
		],
		[
			'the tags of the list of tools',
			'<tools>\n{"name": "find_table", "arguments": {"place": "Quay", "guests": 2}}\n</tools>'
		],
		['a printed call', "```tool_code\nprint(find_table(place='Quay', guests=2))\n```"],
		[
			'a literal in XML',
			'<function name="find_table"><param name="place"><![CDATA[Quay]]></param><param name="guests">2</param></function>'
		],
		[
			'a call that ends a thought',
			'<|inner_prefix|>I look.<|tools_prefix|>[{"find_table": {"place": "Quay", "guests": 2}}]<|tools_suffix|>'
		],
		["Llama's way to call its own tools", '<|python_tag|>find_table.call(place="Quay", guests=2)'],
		[
			'arguments in one piece',
			'<|open|>tools<|sep|><|open|>call tool="find_table" index="1"<|sep|><|open|>json type="object"<|sep|>{"place": "Quay", "guests": 2}<|close|>json<|sep|><|close|>call<|sep|><|close|>tools<|sep|>'
		],
		[
			'an id before the arguments',
			'[TOOL_CALLS]find_table[CALL_ID]q7Xw2Lm00[ARGS]{"place": "Quay", "guests": 2}'
		]
	])('%s', (_, text) => {
		const { toolCalls, content, problems } = readReply(text, { tools });
		expect({ calls: toolCalls.map((one) => one.function), content, problems }).toEqual({
			calls: [table],
			content: '',
			problems: []
		});
	});
});

describe('words and calls beside each other', () => {
	const call = '{"name": "find_table", "arguments": {"place": "Quay"}}';

	it('are both kept, whichever comes first', () => {
		for (const text of [`${call}\n\nI look.`, `I look.\n${call}`, `\`\`\`json\n${call}\n\`\`\`\nI look.`])
			expect(readReply(text, { tools })).toMatchObject({ content: 'I look.', toolCalls: [{}], problems: [] });
	});

	it('may be several calls in fences of their own', () => {
		const fenced = `\`\`\`json\n${call}\n\`\`\``;
		expect(readReply(`I look.\n${fenced}\n\n${fenced}`, { tools })).toMatchObject({
			content: 'I look.',
			toolCalls: [{}, {}]
		});
	});

	it('are words where the call is quoted', () => {
		const text = `One writes \`<tool_call>${call}</tool_call>\` for that.`;
		expect(readReply(text, { tools })).toMatchObject({ content: text, toolCalls: [], problems: [] });
	});

	it('are nothing where a list of calls is empty', () => {
		expect(readReply('[]', { tools })).toMatchObject({ content: '', toolCalls: [], problems: [] });
		expect(readReply('[]', { tools: [] })).toMatchObject({ content: '[]' });
	});

	it('are a problem where a call has what is no argument', () => {
		const text = '<tool_call>{"name": "find_table", "place": "Quay"}</tool_call>';
		expect(readReply(text, { tools }).problems[0]?.message).toContain('expected "arguments" beside "name"');
	});
});

describe('numbers', () => {
	it.each([
		'<tool_call>{"name": "find_table", "arguments": {"guests": 12345678901234567890}}</tool_call>',
		'<tool_call>\n<function=find_table>\n<parameter=guests>\n12345678901234567890\n</parameter>\n</function>\n</tool_call>',
		'<|tool_call_start|>[find_table(guests=12345678901234567890)]<|tool_call_end|>',
		'<|tool_call>call:find_table{guests:12345678901234567890}<tool_call|>'
	])('keep their digits: %s', (text) => {
		expect(readReply(text, { tools }).toolCalls[0]?.function.arguments).toEqual({
			guests: 12345678901234567890n
		});
	});

	it('keep how they were written', () => {
		const text = '[find_table(guests=2.0)]';
		expect(readReply(text, { tools }).toolCalls[0]?.function).toEqual({
			name: 'find_table',
			arguments: { guests: 2 },
			argumentsText: '{"guests": 2.0}'
		});
	});

	it('that cannot be kept are a problem', () => {
		expect(readReply('[find_table(guests=1e999)]', { tools }).problems[0]?.message).toMatch(/1\.8e308/);
	});
});

describe('whatever a model writes', () => {
	const openers = syntaxes.flatMap((syntax) => syntax.openers);
	const pieces = fc.oneof(
		fc.constantFrom(...openers, ...replyMarkers),
		fc.constantFrom(
			'find_table',
			'house_rules\n',
			'call:find_table{place:',
			"find_table(place='",
			'find_table"><parameter name="',
			'<parameter=place>',
			'</parameter>',
			'<arg_key>place</arg_key>',
			'{"name": "find_table", "arguments": {',
			"{'name': '",
			'}}',
			'}',
			'[',
			']',
			'"',
			"'",
			"'''",
			'```json\n',
			'```',
			'`',
			'\n',
			'\\',
			'all\n',
			'>>>',
			' so ',
			'=',
			','
		),
		fc.string({ unit: 'binary', maxLength: 6 }),
		fc.jsonValue().map((value) => JSON.stringify(value))
	);
	const texts = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));
	const squeeze = (text: string) => text.replace(/\s/g, '');

	it('never throws and never loses text', () => {
		fc.assert(
			fc.property(
				texts,
				fc.constantFrom(undefined, tools, []),
				fc.constantFrom(undefined, '<think>'),
				(text, some, opened) => {
					const { content, spans, problems } = readReply(text, {
						...(some && { tools: some }),
						...(opened && { opened })
					});
					const bounds = [0, ...spans.flatMap(({ start, end }) => [start, end]), text.length];
					expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
					const words = spans.reduceRight(
						(left, { start, end }) => left.slice(0, start) + left.slice(end),
						text
					);
					expect(squeeze(content)).toBe(squeeze(words));
					for (const { start, end } of problems) {
						expect(start).toBeLessThanOrEqual(end);
						expect(end).toBeLessThanOrEqual(text.length);
					}
				}
			),
			{ numRuns: 3000 }
		);
	});

	it('cuts out a call without a tag, though a frame stands behind it', () => {
		const text = 'Well.\n\nhouse_rules\n{}<|tool_calls_section_begin|>';
		const { content, toolCalls, spans } = readReply(text, { tools });
		expect(toolCalls.map((call) => call.function.name)).toEqual(['house_rules']);
		expect(content).toBe('Well.');
		expect(spans.map(({ start }) => start)).toEqual([7, 21]);
	});

	it.each([
		...new Set([
			...openers,
			...replyMarkers,
			"<tool_call>{'",
			'[find_table(a=[',
			'{"a":',
			"{'a':",
			'find_table\n{',
			'x\n[',
			'```json\n{'
		])
	])('takes linear time for many %s', (piece) => {
		// Quadratic work on so many characters would take minutes.
		const text = piece.repeat(Math.floor(3e5 / piece.length));
		expect(readReply(text, { tools }).content.length).toBeLessThanOrEqual(text.length);
	});
});
