import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { maxJsonDepth, readJson } from '../../../src/base/json-read.ts';
import { writeJson, type JsonObject } from '../../../src/base/json.ts';
import { readReply } from '../../../src/dialogue/syntax/read-reply.ts';
import { hermesMessages, writeHermesCall } from '../../../src/dialogue/hermes-write.ts';
import type { ToolCall } from '../../../src/dialogue/message.ts';
import { anyJson } from '../../base/any-json.ts';

// Properties take long on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const call = (name: string, args: JsonObject, id = 'call_0'): ToolCall => ({
	id,
	type: 'function',
	function: { name, arguments: args }
});
const search = call('search_hotel', { area: 'north', stars: 4 });
const json = '{"name": "search_hotel", "arguments": {"area": "north", "stars": 4}}';

describe('a call', () => {
	it.each([
		['as it is written by us', writeHermesCall(search)],
		['on one line', `<tool_call>${json}</tool_call>`],
		['with white space everywhere', `\n <tool_call> \r\n\t${json}\n\n </tool_call>\n`],
		['without its closing tag', `<tool_call>\n${json}`],
		['with another word for arguments', `<tool_call>${json.replace('arguments', 'parameters')}</tool_call>`],
		[
			'with arguments as JSON text',
			`<tool_call>{"name": "search_hotel", "arguments": "{\\"area\\": \\"north\\", \\"stars\\": 4}"}</tool_call>`
		],
		[
			'with commas too many',
			'<tool_call>{"name": "search_hotel", "arguments": {"area": "north", "stars": 4,},}</tool_call>'
		],
		['in a Markdown fence', `<tool_call>\n\`\`\`json\n${json}\n\`\`\`\n</tool_call>`],
		['in a fence that stays open', `<tool_call>\n\`\`\`\n${json}\n</tool_call>`],
		['with a brace too many', `<tool_call>${json}}</tool_call>`],
		['with a brace too few', `<tool_call>${json.slice(0, -1)}\n</tool_call>`],
		['with two braces too few', `<tool_call>${json.slice(0, -2)}\n</tool_call>`],
		['with a brace too few at the end', `<tool_call>${json.slice(0, -1)}`],
		['in a list', `<tool_call>[${json}]</tool_call>`],
		['in the quotes of Python', `<tool_call>${json.replaceAll('"', "'")}</tool_call>`],
		['in the form of the list of tools', `<tool_call>{"type": "function", "function": ${json}}</tool_call>`],
		['without tags', `  ${json}\n`],
		['without tags in a fence', `\`\`\`json\n${json}\n\`\`\``],
		['without its opening tag', `${json}\n</tool_call>`]
	])('is read %s', (_, text) => {
		expect(readReply(text)).toMatchObject({ content: '', toolCalls: [search], problems: [] });
	});

	it('may have no arguments', () => {
		expect(readReply('<tool_call>{"name": "help"}</tool_call>').toolCalls).toEqual([call('help', {})]);
		expect(readReply('<tool_call>{"name": "help", "arguments": null}</tool_call>').toolCalls).toEqual([
			call('help', {})
		]);
	});

	it('may hold line breaks inside a string', () => {
		expect(readReply('<tool_call>{"name": "note", "arguments": {"text": "a\nb"}}').toolCalls).toEqual([
			call('note', { text: 'a\nb' })
		]);
	});

	it('may stand among words and other calls, each with its own id', () => {
		const text = `One moment.\n<tool_call>${json}\n<tool_call>{"name": "b"}</tool_call>\n\nDone `;
		const reply = readReply(text, { idPrefix: 'call_x_' });
		expect(reply.content).toBe('One moment.\nDone');
		expect(reply.toolCalls).toEqual([{ ...search, id: 'call_x_0' }, call('b', {}, 'call_x_1')]);
		expect(reply.spans.map(({ start, end }) => text.slice(start, end))).toEqual([
			`<tool_call>${json}`,
			'<tool_call>{"name": "b"}</tool_call>'
		]);
	});

	it('cannot reach the prototype', () => {
		const [read] = readReply('<tool_call>{"name": "a", "arguments": {"__proto__": {"x": 1}}}').toolCalls;
		expect(Object.keys(read!.function.arguments)).toEqual(['__proto__']);
		expect(Object.getPrototypeOf(read!.function.arguments)).toBe(Object.prototype);
		const inherited = readReply('<tool_call>{"__proto__": {"name": "a", "arguments": {}}}</tool_call>');
		expect(inherited.toolCalls).toEqual([]);
	});
});

describe('words', () => {
	it.each([
		'',
		'Hello.',
		'{"name": "Amber Inn"}',
		'{"name": 1, "arguments": {}}',
		'a {b} ```c```',
		'</tool_call>'
	])('stay words: %j', (text) =>
		expect(readReply(text)).toEqual({ content: text, spoken: text, toolCalls: [], spans: [], problems: [] })
	);
});

describe('a block that is no call', () => {
	it.each([
		['<tool_call>', 'tool call at offset 0: expected a JSON object at offset 11, found the end of the text'],
		['<tool_call>[1]</tool_call>', 'expected a list of objects'],
		[
			'<tool_call>{"name": "a", "arguments": {"x": 1,</tool_call>',
			'expected a member in double quotes or "}" at offset 46, found "</tool_call>'
		],
		[
			'<tool_call>{"name": "a", "arguments": {"x": 1',
			'expected "," or "}" at offset 45, found the end of the text'
		],
		[
			'<tool_call>{"name": "a", "arguments": {"x": "1',
			'expected the end of a string at offset 46, found the end'
		],
		['<tool_call>{"name": "a", "arguments": {"x": \'1}}', 'expected a JSON value at offset 44'],
		['<tool_call>{na me: "a"}</tool_call>', 'expected a member in double quotes or "}" at offset 12'],
		['<tool_call>{"name" "a"}</tool_call>', 'expected ":" at offset 19'],
		['<tool_call>{"name": "\\x"}</tool_call>', 'expected an escape such as \\n, \\" or \\u00e9 at offset 21'],
		['<tool_call>{"name": ""}</tool_call>', 'expected "name" to be a text that is not empty'],
		['<tool_call>{"arguments": {}}</tool_call>', 'expected "name" to be a text that is not empty'],
		[
			'<tool_call>{"name": "a", "arguments": [1]}</tool_call>',
			'in "arguments", expected an object, found a list'
		],
		[
			'<tool_call>{"name": "a", "parameters": "{x}"}</tool_call>',
			'in "parameters", expected a member in double quotes or "}" at offset 1'
		],
		[
			'<tool_call>{"name": "a", "arguments": {"x": 1e999}}</tool_call>',
			'expected a number below 1.8e308 at offset 44'
		],
		[
			'<tool_call>{"name": "a"}} Thanks</tool_call>',
			'expected </tool_call> at offset 24, found "} Thanks</to"'
		]
	])('stays in the content and says why: %s', (text, message) => {
		const reply = readReply(text);
		expect(reply).toMatchObject({ content: text, toolCalls: [], problems: [{ start: 0, end: text.length }] });
		expect(reply.problems[0]!.message).toContain(message);
	});

	it('does not hide the calls around it', () => {
		const bad = '<tool_call>{"name": </tool_call>';
		const text = `<tool_call>${json}</tool_call>${bad} so <tool_call>${json}</tool_call>`;
		const reply = readReply(text);
		expect(reply.toolCalls).toHaveLength(2);
		expect(reply.content).toBe(`${bad} so`);
		expect(reply.problems.map(({ start, end }) => text.slice(start, end))).toEqual([bad]);
	});

	it('may be nested without end', () => {
		const deep = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
		expect(readJson(deep(maxJsonDepth), 0)).toMatchObject({ ok: true });
		expect(readJson(deep(maxJsonDepth + 1), 0)).toMatchObject({ ok: false });
		const bomb = `<tool_call>{"name": "a", "arguments": {"x": ${deep(200_000)}}}</tool_call>`;
		expect(readReply(bomb)).toMatchObject({ content: bomb, toolCalls: [] });
	});
});

describe('whatever a model writes', () => {
	/** Pieces that make a parser stumble, in any order. */
	const pieces = fc.oneof(
		fc.constantFrom(
			'<tool_call>',
			'</tool_call>',
			'<tool_call>{"name": "a", "arguments": ',
			'{"name": "b"}',
			'{"__proto__": 1}',
			'```json\n',
			'```',
			'"',
			'\\"',
			'{',
			'}',
			',}',
			'[',
			':',
			'\n',
			'\\',
			' so '
		),
		fc.string({ unit: 'binary', maxLength: 6 }),
		fc.jsonValue().map((value) => JSON.stringify(value))
	);
	const texts = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));

	it('never throws and never loses text', () => {
		fc.assert(
			fc.property(texts, (text) => {
				const { content, spans, problems } = readReply(text);
				const bounds = [0, ...spans.flatMap(({ start, end }) => [start, end]), text.length];
				expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
				const rest = spans.reduceRight(
					(left, { start, end }) => left.slice(0, start) + left.slice(end),
					text
				);
				expect(content.replace(/\s/g, '')).toBe(rest.replace(/\s/g, ''));
				for (const { start, end } of problems) expect(content).toContain(text.slice(start, end).trim());
			}),
			{ numRuns: 200 }
		);
	});

	it('a written call is read back, whatever its name and arguments', () => {
		const names = fc.oneof(
			fc.string({ unit: 'binary', minLength: 1 }),
			fc.constantFrom('</tool_call>', '__proto__')
		);
		const awkward = fc.constantFrom(
			'</tool_call>',
			'<tool_call>{"name": "x"}</tool_call>',
			'```',
			'\u2028',
			'\ud800'
		);
		const values = fc.oneof(anyJson, awkward, fc.record({ __proto__: awkward }));
		const args = fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), awkward), values);
		fc.assert(
			fc.property(fc.array(fc.tuple(names, args), { minLength: 1, maxLength: 3 }), (written) => {
				const calls = written.map(([name, value], index) => call(name, value, `call_${index}`));
				const [plain] = hermesMessages([{ role: 'assistant', content: 'So be it.', tool_calls: calls }]);
				const { content, toolCalls, problems } = readReply(plain!.content);
				expect(problems).toEqual([]);
				expect(content).toBe('So be it.');
				expect(writeJson(toolCalls)).toBe(writeJson(calls));
			}),
			{ numRuns: 200 }
		);
	});

	it.each([
		['open tags', '<tool_call>'],
		['open blocks', '<tool_call>{"'],
		['blocks in strings', '<tool_call>{":1,"'],
		['closing tags', '<tool_call></tool_call>'],
		['sound calls', '<tool_call>{"name": "a"}'],
		['quotes', '\\"<tool_call>{'],
		['fences', '<tool_call>```'],
		['members', '"a": 1, '],
		['digits', '1'],
		['lines', '{"name": "a"}\n']
	])('takes linear time for many %s', (_, piece) => {
		// Quadratic work on a million characters would take minutes.
		const text = `<tool_call>{"name": "a", "x": ${piece.repeat(Math.floor(1e6 / piece.length))}`;
		expect(readReply(text).content.length).toBeLessThanOrEqual(text.length);
	});
});
