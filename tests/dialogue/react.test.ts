import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { writeJson } from '../../src/base/json.ts';
import { parseReact, writeReact, type ReactCommand } from '../../src/dialogue/react.ts';
import { anyArguments } from '../base/any-json.ts';

// Properties take long on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const plan: ReactCommand = { kind: 'plan', text: 'Look for a hotel.' };
const apicall: ReactCommand = { kind: 'apicall', name: 'search_hotel', arguments: { area: 'north' } };
const speak: ReactCommand = { kind: 'speak', text: 'Which day?' };

describe('ReAct commands', () => {
	it('are written as the paper’s agent writes them', () => {
		expect(writeReact([plan, apicall])).toBe(
			'PLAN Look for a hotel. <COMMAND_END> APICALL {"name": "search_hotel", "parameters": {"area": "north"}} <COMMAND_END>'
		);
	});

	it.each([
		['with end marks', writeReact([plan, apicall, speak]), [plan, apicall, speak]],
		['a line each', 'PLAN Look for a hotel.\n SPEAK Which day?', [plan, speak]],
		['with a colon', 'APICALL: {"name": "search_hotel", "parameters": {"area": "north"}}', [apicall]]
	])('are read %s', (_, text, commands) => {
		expect(parseReact(text)).toMatchObject({ commands, content: '', problems: [] });
	});

	it('do not begin inside a call or a sentence', () => {
		const text =
			'APICALL {"name": "a", "parameters": {"x": "\\nSPEAK <COMMAND_END> PLAN"}} <COMMAND_END> SPEAK The PLAN.';
		expect(parseReact(text).commands).toEqual([
			{ kind: 'apicall', name: 'a', arguments: { x: '\nSPEAK <COMMAND_END> PLAN' } },
			{ kind: 'speak', text: 'The PLAN.' }
		]);
	});

	it('leave what is none in the content', () => {
		const text =
			'Well. \nAPICALL search it <COMMAND_END> APICALL {"name": "a", "parameters": {}} now <COMMAND_END>';
		expect(parseReact(text)).toMatchObject({
			commands: [{ kind: 'apicall', name: 'a', arguments: {} }],
			content: 'Well.\nAPICALL search it <COMMAND_END>\nnow <COMMAND_END>',
			problems: [{ message: 'APICALL at offset 7: expected a JSON object at offset 15' }]
		});
	});

	it('are cleaned and split as published when asked (Q14)', () => {
		const text = 'So: APICALL {"name": "a", "parameters": {"x": "caf\\u00e9"}}<COMMAND_END>\nSPEAK My PLAN';
		expect(parseReact(text, { quirks: 'published' })).toMatchObject({
			commands: [
				{ kind: 'apicall', name: 'a', arguments: { x: 'cafu00e9' } },
				{ kind: 'speak', text: 'My' },
				{ kind: 'plan', text: '' }
			],
			content: 'So:'
		});
		expect(parseReact(text).commands).toEqual([{ kind: 'speak', text: 'My PLAN' }]);
	});
});

describe('whatever a model writes', () => {
	const pieces = fc.oneof(
		fc.constantFrom(
			'PLAN',
			'APICALL ',
			'SPEAK',
			'<COMMAND_END>',
			'\n',
			' ',
			'{"name": "a", "parameters": {',
			'}',
			'"',
			'{'
		),
		fc.string({ unit: 'binary', maxLength: 5 })
	);

	it('never throws and never loses text', () => {
		fc.assert(
			fc.property(
				fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join('')),
				fc.constantFrom('published', 'fixed'),
				(input, quirks) => {
					const { text, commands, spans, content } = parseReact(input, { quirks });
					if (quirks === 'fixed') expect(text).toBe(input);
					expect(spans).toHaveLength(commands.length);
					const rest = spans.reduceRight(
						(left, { start, end }) => left.slice(0, start) + left.slice(end),
						text
					);
					expect(content.replace(/\s/g, '')).toBe(rest.replace(/\s/g, ''));
					spans.forEach(({ start, end }, index) => {
						const command = commands[index]!;
						if (command.kind !== 'apicall') expect(text.slice(start, end)).toContain(command.text);
					});
				}
			),
			{ numRuns: 200 }
		);
	});

	it('written commands are read back', () => {
		const words = fc
			.string({ unit: 'binary' })
			.map((text) => text.replace(/[\r\n\u2028\u2029]/g, ' ').trim());
		const commands = fc.oneof(
			fc.record({ kind: fc.constantFrom('plan' as const, 'speak' as const), text: words }),
			fc.record({
				kind: fc.constant('apicall' as const),
				name: fc.string({ unit: 'binary', minLength: 1 }),
				arguments: anyArguments
			})
		);
		fc.assert(
			fc.property(fc.array(commands), (written) => {
				const { commands: read, content } = parseReact(writeReact(written));
				expect(writeJson(read)).toBe(writeJson(written));
				expect(content).toBe('');
			}),
			{ numRuns: 200 }
		);
	});

	it.each(['PLAN\n', 'APICALL {"', '<COMMAND_END>', 'SPEAK ', '\t', 'APICALL {"name": "a"}\n'])(
		'takes little time for many %j',
		(piece) => {
			const text = `PLAN ${piece.repeat(Math.floor(3e5 / piece.length))}`;
			expect(parseReact(text).text).toBe(text);
		}
	);
});
