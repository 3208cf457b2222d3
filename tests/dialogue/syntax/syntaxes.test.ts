import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { writeJson, type JsonObject } from '../../../src/base/json.ts';
import type { ToolCall } from '../../../src/dialogue/message.ts';
import { openedBy, replyMarkers, syntaxes, writeCalls } from '../../../src/dialogue/syntax/index.ts';
import { readReply } from '../../../src/dialogue/syntax/read-reply.ts';
import { thoughtSyntaxes } from '../../../src/dialogue/syntax/thoughts.ts';
import type { ToolSpec } from '../../../src/dialogue/tool.ts';
import { encoders, type Made } from './encoders.ts';

vi.setConfig({ testTimeout: 60_000 });

const tool = (name: string, properties: JsonObject): ToolSpec => ({
	name,
	description: '',
	parameters: { type: 'object', properties }
});

const tools: readonly ToolSpec[] = [
	tool('plan_route', {
		from: { type: 'string' },
		stops: { type: 'array', items: { type: 'string' } },
		km: { type: 'number' },
		riders: { type: 'integer' },
		scenic: { type: 'boolean' },
		options: {
			type: 'object',
			properties: { tolls: { type: 'boolean' }, via: { type: ['string', 'null'] }, limit: { type: 'number' } }
		}
	}),
	tool('garage.list', {}),
	tool('rent_bike', { size: { enum: ['S', 'M'] }, days: { anyOf: [{ type: 'integer' }, { type: 'null' }] } })
];

/** Values that come apart easily; no blanks at the ends of a text, which some syntaxes lose by design. */
const words = fc
	.oneof(
		fc.string({ maxLength: 12 }),
		fc.constantFrom(
			'2',
			'true',
			'null',
			'O\'Hara\'s "best"',
			'a\nb',
			'Señor Çelik ✓',
			'{"a": 1}',
			'[1]',
			'a, b; c',
			'x=1)',
			'\\n',
			'```'
		)
	)
	.map((text) => text.trim());
const number = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(9.5, 0.25, -1.5, 12_345.678));

const route = fc.record(
	{
		from: words,
		stops: fc.array(words, { maxLength: 3 }),
		km: number,
		riders: fc.integer({ min: -5, max: 500 }),
		scenic: fc.boolean(),
		options: fc.record({ tolls: fc.boolean(), via: fc.option(words), limit: number }, { requiredKeys: [] })
	},
	{ requiredKeys: [] }
);

const made: fc.Arbitrary<Made> = fc.oneof(
	route.map((args) => ({ name: 'plan_route', arguments: args as JsonObject })),
	fc.constant({ name: 'garage.list', arguments: {} }),
	fc
		.record({ size: fc.constantFrom('S', 'M'), days: fc.option(fc.integer({ min: 1, max: 9 })) })
		.map((args) => ({ name: 'rent_bike', arguments: args }))
);
const calls = fc.array(made, { minLength: 1, maxLength: 3 });

const found = (toolCalls: readonly ToolCall[]) =>
	toolCalls.map(({ function: { name, arguments: args } }) => ({ name, arguments: args }));

describe.each(encoders)('calls of $syntax', ({ encode, takesWords, forbids }) => {
	const possible = calls.filter((some) => !forbids.test(JSON.stringify(some)));

	it('are read as they were meant', () => {
		fc.assert(
			fc.property(possible, (some) => {
				const text = encode(some);
				const { toolCalls, content, problems } = readReply(text, { tools });
				expect({ text, calls: writeJson(found(toolCalls)), content, problems }).toEqual({
					text,
					calls: writeJson(some),
					content: '',
					problems: []
				});
			}),
			{ numRuns: 60 }
		);
	});

	it('are read behind words and a thought', () => {
		const said = 'One moment, I look that up.';
		const thought = 'They want a bike.\n\nI could call rent_bike.';
		fc.assert(
			fc.property(possible, (some) => {
				const words = takesWords ? `${said}\n` : '';
				const text = `<think>\n${thought}\n</think>\n\n${words}${encode(some)}`;
				const { toolCalls, content, reasoning } = readReply(text, { tools });
				expect(writeJson(found(toolCalls))).toBe(writeJson(some));
				expect({ content, reasoning }).toEqual({ content: takesWords ? said : '', reasoning: thought });
			}),
			{ numRuns: 20 }
		);
	});

	it('are no calls where they are only thought of', () => {
		fc.assert(
			fc.property(possible, (some) => {
				const thought = `Shall I write ${encode(some)} now? No.`;
				const { toolCalls, content, problems } = readReply(`<think>${thought}</think>Which size?`, { tools });
				expect({ toolCalls, content, problems }).toEqual({
					toolCalls: [],
					content: 'Which size?',
					problems: []
				});
			}),
			{ numRuns: 20 }
		);
	});

	it('are not speech when they are cut off in the middle', () => {
		const [text] = [
			encode([{ name: 'plan_route', arguments: { from: 'Harbour Street', km: 9.5, scenic: true } }])
		];
		const cut = text.slice(0, text.indexOf('Harbour') + 3);
		const { toolCalls, problems, spoken } = readReply(cut, { tools });
		expect({ toolCalls, problems: problems.length, spoken }).toEqual({
			toolCalls: [],
			problems: 1,
			spoken: cut
		});
	});
});

describe('what a writer wrote', () => {
	const writers = syntaxes.filter(({ write }) => write).map(({ id }) => id);

	it.each(writers)('%s reads back', (id) => {
		const forbids = /xml/.test(id) ? /<\/?\w/ : /(?!)/;
		fc.assert(
			fc.property(
				calls.filter((some) => !forbids.test(JSON.stringify(some))),
				(some) => {
					const given = some.map((one, index): ToolCall => ({
						id: `abcdefgh${index}`,
						type: 'function',
						function: one
					}));
					const { toolCalls, problems } = readReply(writeCalls(id, given)!, { tools, syntax: id });
					expect(problems).toEqual([]);
					expect(writeJson(found(toolCalls))).toBe(writeJson(some));
				}
			),
			{ numRuns: 60 }
		);
	});

	it.each(writers)('%s keeps numbers as they were written', (id) => {
		const made = { name: 'plan_route', arguments: { km: 2 }, argumentsText: '{"km": 2.0}' };
		const text = writeCalls(id, [{ id: 'abcdefgh0', type: 'function', function: made }])!;
		expect(readReply(text, { tools, syntax: id }).toolCalls[0]?.function).toEqual(made);
	});

	it('has another name only for a syntax that is in the list once', () => {
		const ids = syntaxes.map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		expect(replyMarkers).toContain('<tool_call>');
	});
});

describe('a thought', () => {
	it.each(thoughtSyntaxes)('in $open … $close is not part of what is said', ({ open, close, needsEnd }) => {
		const text = `${open}\nSay BYE? Not yet.\n${close}\n\nWhere do we ride?`;
		expect(readReply(text)).toMatchObject({ content: 'Where do we ride?', reasoning: 'Say BYE? Not yet.' });
		const opened = openedBy(`<|assistant|>\n${open}\n`);
		expect(opened).toBe(open);
		const reply = `Say BYE? Not yet.\n${close}\n\nWhere do we ride?`;
		expect(readReply(reply, { opened: opened! })).toMatchObject({
			content: 'Where do we ride?',
			reasoning: 'Say BYE? Not yet.',
			spoken: 'Where do we ride?'
		});
		if (!needsEnd)
			expect(readReply(`${open}\nFirst I must`)).toMatchObject({ content: '', reasoning: 'First I must' });
		expect(readReply('Still thinking', { opened: open })).toMatchObject(
			needsEnd ? { content: `${open}Still thinking`.trim() } : { content: '', reasoning: 'Still thinking' }
		);
	});

	it('whose beginning is missing ends where its tag says so', () => {
		expect(readReply('Two nights.\n</think>\nWhich harbour?')).toMatchObject({
			content: 'Which harbour?',
			reasoning: 'Two nights.'
		});
	});

	it('may come several times, and be empty', () => {
		expect(readReply('<think>a</think>Hi.<think>b</think> Bye.')).toMatchObject({
			content: 'Hi.\nBye.',
			reasoning: 'a\n\nb'
		});
		expect(readReply('<think>\n\n</think>\n\nHi.')).not.toHaveProperty('reasoning');
	});

	it('is one only where it is meant: not in backticks, not in the midst of words', () => {
		for (const text of ['Put `<think>` first.', 'The tag <think> opens a thought.', 'No `</think>` here.'])
			expect(readReply(text)).toMatchObject({ content: text, problems: [] });
	});

	it('leaves answer tags out after it, and words in them elsewhere', () => {
		expect(readReply('<think>a</think><response>Hi.</response>').content).toBe('Hi.');
		expect(readReply('<response>Hi.</response>').content).toBe('<response>Hi.</response>');
	});
});
