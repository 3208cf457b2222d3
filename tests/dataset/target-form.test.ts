import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import type { Message } from '../../src/dialogue/message.ts';
import { formOf } from '../../src/dataset/check/probe-form.ts';
import { templateFindings } from '../../src/dataset/check/target-checks.ts';
import { conversationColumn } from '../../src/dataset/formats/target-column.ts';
import { formed, plainForm, type TargetForm } from '../../src/dataset/formats/target-form.ts';
import { booking, dpo, kto, prompt, sft, tools } from './check-examples.ts';
import * as templates from './check-templates.ts';

const changes = (chatTemplate: string) => {
	const form = formOf({ name: 'm', chatTemplate });
	return Object.fromEntries(
		Object.entries(form).filter(([key, value]) => plainForm[key as keyof TargetForm] !== value)
	);
};

const nineOnly = templates.chatml({
	before: `{%- for made in message.tool_calls or [] %}{%- if made.id | length != 9 %}{{- raise_exception('nine!') }}{% endif %}{% endfor %}`
});
const idsOnly = templates.chatml({ call: `{{- made.id + ' ' + (call.arguments | tojson) }}` });
const noTools = templates.droppingCalls.replace('{%- if tools %}', '{%- if false %}');

describe('the form of rows', () => {
	it.each<[string, string, object]>([
		['stays as it is where nothing is lost', templates.sound, {}],
		['has ids of nine where others are refused', nineOnly, { ids: 'nine' }],
		['has ids that name the tool where nothing else does', idsOnly, { ids: 'named' }],
		[
			'has calls in the text where the template drops them',
			templates.droppingCalls,
			{ calls: { writtenAs: 'hermes-json' } }
		],
		[
			'tells of the tools where the template does not',
			noTools,
			{ calls: { writtenAs: 'hermes-json' }, results: 'user', tools: 'system message' }
		]
	])('%s', (_, template, form) => {
		expect(changes(template)).toEqual(form);
		const talk = { role: 'assistant', content: 'Which day?' } as const;
		const examples = [sft(booking), kto(booking), dpo(booking, talk)];
		const findings = templateFindings({ name: 'm', chatTemplate: template }, examples, tools);
		expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
	});

	it('gives ids once each, and results follow', () => {
		const messages: Message[] = [
			...prompt,
			booking,
			{ ...prompt[3]!, tool_call_id: 'call_2' } as Message,
			...prompt.slice(2, 4)
		];
		const ids = formed(messages, tools, { ...plainForm, ids: 'nine' }).flatMap((message) =>
			message.role === 'assistant'
				? (message.tool_calls ?? []).map(({ id }) => id)
				: message.role === 'tool'
					? [message.tool_call_id]
					: []
		);
		expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2], ids[4], ids[4]]);
		expect(new Set(ids).size).toBe(3);
		for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
	});

	it('begins a conversation as its prompt', () => {
		const one = <T>(...values: readonly T[]) => fc.constantFrom(...values);
		const forms = fc.record({
			ids: one('as they are', 'nine', 'named'),
			arguments: one('object', 'text'),
			calls: one<TargetForm['calls']>('structure', { writtenAs: 'granite3' }, { writtenAs: 'hermes-json' }),
			words: one('kept', 'left out'),
			results: one('tool', 'user'),
			tools: one('column', 'system message'),
			system: one('own', 'in user')
		}) as fc.Arbitrary<TargetForm>;
		fc.assert(
			fc.property(forms, (form) => {
				const context = { tools, form };
				expect(conversationColumn([...prompt, booking], context).slice(0, -1)).toEqual(
					conversationColumn(prompt, context)
				);
			})
		);
	});
});

describe('spellings of arguments', () => {
	const args = fc
		.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
		.map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
	const errors = (chatTemplate: string, made: JsonObject) =>
		templateFindings(
			{ name: 'm', chatTemplate },
			[
				kto({
					...booking,
					tool_calls: [{ ...booking.tool_calls![0]!, function: { name: 'book_hotel', arguments: made } }]
				})
			],
			tools
		).filter(({ severity }) => severity === 'error');
	const start = `{{- '{"name": "' + call.name + '", "arguments": '`;

	it.each([
		['JSON', templates.hermesCall],
		['JSON in ASCII', `${start} + (call.arguments | tojson(ensure_ascii=True)) + '}' }}`],
		['Python', `{{- call.name + '(**' + (call.arguments | string) + ')' }}`],
		[
			'XML',
			`{{- '<' + call.name + '>' }}{% for key, value in call.arguments | items %}{{- '<' + key + '>' + (value if value is string else value | tojson) | e + '</' + key + '>' }}{% endfor %}`
		]
	])('has no error for a template that writes %s', (_, call) => {
		fc.assert(
			fc.property(args, (made) => {
				expect(errors(templates.chatml({ call }), made)).toEqual([]);
			}),
			{ numRuns: 60 }
		);
	});
});
