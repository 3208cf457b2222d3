import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import pack from '../../../public/packs/travel.json';
import type { JsonObject } from '../../../src/base/json.ts';
import { writeCalls } from '../../../src/dialogue/syntax/index.ts';
import { readReply } from '../../../src/dialogue/syntax/read-reply.ts';
import { writeHermesCall } from '../../../src/dialogue/hermes-write.ts';
import type { ToolSpec } from '../../../src/dialogue/tool.ts';
import { toolCallTags } from '../../../src/models/webllm/tool-grammar.ts';
import { loadXgrammar, type Xgrammar } from './xgrammar.ts';

const tools: ToolSpec[] = [
	{
		name: 'search',
		description: '',
		parameters: {
			type: 'object',
			properties: { area: { type: 'string' }, stars: { type: 'integer' } },
			required: ['area'],
			additionalProperties: false
		}
	},
	{ name: 'cancel "all"', description: '', parameters: { type: 'object', properties: {} } }
];

const call = (name: string, args: JsonObject) =>
	writeHermesCall({ id: '', type: 'function', function: { name, arguments: args } });

let xgrammar: Xgrammar;
beforeAll(() => {
	xgrammar = loadXgrammar();
});

async function accepts(specs: readonly ToolSpec[]): Promise<(text: string) => Promise<boolean>> {
	const grammar = await xgrammar.Grammar.fromStructuralTag(JSON.stringify(toolCallTags(specs)));
	return (text) => xgrammar.Testings.isGrammarAcceptString(grammar, text);
}

describe('toolCallTags', () => {
	it('is tested with the xgrammar that the installed web-llm holds', () => {
		const ours = JSON.parse(readFileSync('node_modules/@mlc-ai/web-xgrammar/package.json', 'utf8'));
		const theirs = JSON.parse(readFileSync('node_modules/@mlc-ai/web-llm/package.json', 'utf8'));
		expect(ours.version).toBe(theirs.devDependencies['@mlc-ai/web-xgrammar']);
	});

	it('lets words and calls through, alone and together', async () => {
		const ok = await accepts(tools);
		for (const text of [
			'',
			'Hello! What is 3 < 4?',
			'<tool', // not yet a call
			call('search', { area: 'north' }),
			call('cancel "all"', {}),
			`Let me see.\n${call('search', { area: 'north', stars: 3 })}\n${call('search', { area: 'south' })}\nDone.`
		]) {
			expect([text, await ok(text)]).toEqual([text, true]);
		}
	});

	it('stops calls of other tools, with other arguments, and that are no JSON', async () => {
		const ok = await accepts(tools);
		for (const text of [
			call('book', {}),
			call('search', {}),
			call('search', { area: 5 }),
			call('search', { area: 'north', price: 'cheap' }),
			'<tool_call>\n{"name": "search", "arguments": {"area": north}}\n</tool_call>',
			'<tool_call>\n{"name": "search", "arguments": {"area": "north"}}',
			'Yes. <tool_call>search</tool_call>'
		]) {
			expect([text, await ok(text)]).toEqual([text, false]);
		}
	});

	it('takes every call of the built-in environment that its schemas allow, as it is written', async () => {
		const specs = pack.tools as unknown as ToolSpec[];
		const ok = await accepts(specs);
		for (const { name, parameters } of specs) {
			const properties = parameters['properties'] as Record<string, { type: string; pattern?: string }>;
			const args = Object.fromEntries(
				Object.entries(properties).map(([key, { type, pattern }]) => [
					key,
					type === 'integer' ? 2 : pattern?.includes(':') ? '12:30' : 'a "quoted" café'
				])
			);
			const text = call(name, args);
			expect([text, await ok(text)]).toEqual([text, true]);
		}
	});

	it('lets nothing through that is not read back as sound calls', async () => {
		const ok = await accepts(tools);
		const piece = fc.constantFrom(
			'<tool_call>',
			'</tool_call>',
			'\n',
			'{"name": "search", "arguments": {"area": "x"}}',
			'{"name": "search"}',
			'words ',
			call('search', { area: 'y' })
		);
		await fc.assert(
			fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
				const text = pieces.join('');
				if (await ok(text)) expect([text, readReply(text).problems]).toEqual([text, []]);
			}),
			{ numRuns: 300 }
		);
	});

	it('keeps Qwen3.5 to its own tags, to the tools there are, and to the kinds of their values', async () => {
		const specs: ToolSpec[] = [
			{
				name: 'search',
				description: '',
				parameters: {
					type: 'object',
					properties: { area: { type: 'string' }, stars: { type: 'integer' }, tags: { type: 'array' } }
				}
			},
			{ name: 'list', description: '', parameters: { type: 'object', properties: {} } }
		];
		const grammar = await xgrammar.Grammar.fromStructuralTag(
			JSON.stringify(toolCallTags(specs, 'qwen3-coder-xml'))
		);
		const ok = (text: string) => xgrammar.Testings.isGrammarAcceptString(grammar, text);
		const written = (name: string, args: JsonObject) =>
			writeCalls('qwen3-coder-xml', [{ id: '', type: 'function', function: { name, arguments: args } }])!;
		for (const [name, args] of [
			['search', { area: 'north & <east>\n"quoted"' }],
			['search', { area: '4', stars: 4, tags: ['a'] }],
			['list', {}]
		] as const) {
			const text = `Let me see.\n${written(name, args)}`;
			expect([text, await ok(text)]).toEqual([text, true]);
			expect(readReply(text, { tools: specs }).toolCalls[0]?.function).toEqual({ name, arguments: args });
		}
		for (const text of [
			written('search', { stars: 'four' }),
			written('search', { colour: 'red' }),
			written('remove', {}),
			call('search', { area: 'north' })
		])
			expect([text, await ok(text)]).toEqual([text, false]);
	});
});
