import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { Message, ToolMessage } from '../../src/dialogue/message.ts';
import type { ExampleCheck, Issue } from '../../src/dataset/check/check.ts';
import { schemaCheck } from '../../src/dataset/check/schema-check.ts';
import { templateCheck } from '../../src/dataset/check/template-check.ts';
import { examplesOf, type TrainingExample } from '../../src/harvest/examples.ts';
import { booking, calling, dpo, kto, origin, prompt, sft, tools } from './check-examples.ts';
import * as templates from './check-templates.ts';
import { desk, grow, randomScript, smallTree } from '../harvest/desk.ts';

function issues(check: ExampleCheck, example: TrainingExample): Issue[] {
	return [...check.check(example, tools)];
}

describe('the schema check', () => {
	const bad = calling('book_hotel', { nights: 'two' });
	const reason = 'a call does not fit its tool';

	it('has nothing against calls that fit', () => {
		for (const example of [sft(booking), kto(booking), dpo(booking, calling('search_hotel', {}))])
			expect(issues(schemaCheck, example)).toEqual([]);
	});

	it('refuses arguments that do not fit where they are to be learnt', () => {
		const found = [
			{ severity: 'error', reason, detail: expect.stringContaining('book_hotel: nights') as string }
		];
		for (const example of [sft(bad), kto(bad), dpo(bad, booking)])
			expect(issues(schemaCheck, example)).toEqual(found);
	});

	it('tells of those that are to be unlearnt', () => {
		for (const example of [kto(bad, false), dpo(booking, bad)])
			expect(issues(schemaCheck, example)).toMatchObject([{ severity: 'warning', reason }]);
	});

	it('says which tool is not there', () => {
		expect(issues(schemaCheck, kto(calling('fly', {})))).toEqual([
			{ severity: 'error', reason, detail: 'there is no tool fly' }
		]);
	});
});

describe('the template check', () => {
	const found = (chatTemplate: string, example: TrainingExample) =>
		issues(templateCheck({ name: 'a model', chatTemplate }), example);
	const reasons = (chatTemplate: string, example: TrainingExample) =>
		found(chatTemplate, example).map(({ severity, reason, detail }) => [severity, reason, detail]);

	it.each([
		['as Hermes models', templates.sound],
		['as Python', templates.pythonic]
	])('has nothing against a sound template: calls %s', (_, template) => {
		const talk = { role: 'assistant', content: 'It is booked.' } as const;
		const odd = calling('search_hotel', { area: null, name: 'The "Null" \\ Inn, “None”\n' }, 'Let me see.');
		for (const example of [sft(booking), kto(booking), kto(talk), dpo(booking, talk), kto(odd), sft(odd)])
			expect(found(template, example)).toEqual([]);
	});

	it('refuses what the template refuses', () => {
		const both = {
			...booking,
			tool_calls: [...booking.tool_calls!, ...calling('search_hotel', {}).tool_calls!]
		};
		const refusal = [
			'error',
			'the chat template refuses the conversation',
			'This model takes one call at a time.'
		];
		expect(reasons(templates.oneCallOnly, kto(both))).toEqual([refusal]);
		expect(reasons(templates.oneCallOnly, kto(both, false))).toEqual([refusal]);
		expect(reasons(templates.oneCallOnly, sft(booking))).toEqual([]);
	});

	it('only tells of what the engine here cannot do', () => {
		expect(reasons(templates.chatml({ content: '{{- message.content | nonesuch }}' }), kto(booking))).toEqual(
			[['warning', 'the chat template could not be tried here', expect.stringContaining('nonesuch')]]
		);
	});

	it('finds a call that is gone, though the list of tools has its name', () => {
		expect(reasons(templates.droppingCalls, kto(booking))).toEqual([
			['warning', 'the chat template drops a call', 'prompt, search_hotel'],
			['warning', 'the chat template drops an argument', 'prompt, search_hotel: "north"'],
			['error', 'the chat template drops a call', 'book_hotel'],
			['error', 'the chat template drops an argument', 'book_hotel: 2']
		]);
		expect(reasons(templates.droppingCalls, sft(booking))).toContainEqual([
			'error',
			'the chat template drops a call',
			'book_hotel'
		]);
	});

	it('finds an argument that is gone', () => {
		expect(reasons(templates.droppingArguments, dpo(calling('book_hotel', { nights: 7 }), booking))).toEqual([
			['warning', 'the chat template drops an argument', 'prompt, search_hotel: "north"'],
			['error', 'the chat template drops an argument', 'book_hotel: 7'],
			['warning', 'the chat template drops an argument', 'prompt, search_hotel: "north"'],
			['warning', 'the chat template drops an argument', 'book_hotel: 2']
		]);
	});

	it('finds words that are gone beside a call', () => {
		const wordy = calling('book_hotel', { nights: 2 }, 'One moment.');
		const lost = [
			'warning',
			'the chat template drops words beside a call',
			'message 0 (assistant): One moment.'
		];
		expect(reasons(templates.droppingContent, kto(wordy))).toEqual([lost]);
		expect(reasons(templates.droppingContent, kto(booking))).toEqual([]);
		expect(reasons(templates.droppingWords, kto({ role: 'assistant', content: 'Yes.' }))).toContainEqual([
			'error',
			'the chat template drops what a message says',
			'message 0 (assistant): Yes.'
		]);
	});

	it('tells of blanks that are gone', () => {
		expect(reasons(templates.trimming, kto({ role: 'assistant', content: ' Yes. ' }))).toEqual([
			['warning', 'the chat template trims what a message says', 'message 0 (assistant):  Yes. ']
		]);
	});

	it('finds None for null, and null for nothing', () => {
		const anywhere = calling('search_hotel', { area: null });
		const reason = (word: string) => `the chat template prints ${word} where the conversation has none`;
		expect(reasons(templates.printingNone, kto(anywhere))).toEqual([['error', reason('None'), '1 times']]);
		expect(reasons(templates.printingNone, kto(booking))).toEqual([]);
		expect(reasons(templates.fillingUp, kto(booking))).toEqual([
			['warning', reason('null'), 'prompt, 1 times'],
			['error', reason('null'), '1 times']
		]);
		expect(reasons(templates.fillingUp, sft(booking))).toEqual([['error', reason('null'), '2 times']]);
	});

	it('finds arguments that are escaped twice', () => {
		const reason = 'the chat template escapes arguments twice';
		expect(reasons(templates.doubleEscaping, kto(booking))).toEqual([
			['warning', reason, 'prompt, search_hotel: {\\"area\\": \\"north\\"}'],
			['error', reason, 'book_hotel: {\\"nights\\": 2}']
		]);
		expect(reasons(templates.doubleEscaping, sft(booking)).map(([, found]) => found)).toEqual([
			reason,
			reason
		]);
	});

	it('tells of a prompt that is not how the whole text begins', () => {
		for (const answer of [booking, { role: 'assistant', content: '<think>\n\n</thin' } as const])
			expect(reasons(templates.breakingPrefix, kto(answer))).toEqual([
				[
					'warning',
					'the rendered prompt is not how prompt and answer begin',
					String.raw`the prompt goes on with "<|im_start|>assistant\n<think>\n\n</think>\n"`
				]
			]);
		expect(reasons(templates.breakingPrefix, sft(booking))).toEqual([]);
	});

	it('does not take what the prompt holds for damage, where it parts from the whole early', () => {
		const counting = templates.chatml({ before: '{%- if loop.first %}{{- messages | length }}{% endif %}' });
		const before: Message[] = [...prompt.slice(0, 3), { ...(prompt[3] as ToolMessage), content: 'null' }];
		expect(found(counting, kto(booking, true, before))).toMatchObject([
			{ severity: 'warning', reason: 'the rendered prompt is not how prompt and answer begin' }
		]);
	});

	it('says that a template cannot be parsed', () => {
		expect(() => templateCheck({ name: 'a model', chatTemplate: '{% if' })).toThrow(
			'The chat template of a model cannot be read'
		);
	});
});

describe('a sound example through a sound template', () => {
	const check = templateCheck({ name: 'a model', chatTemplate: templates.sound });
	const text = fc.oneof(
		fc.string({ unit: 'grapheme' }),
		fc.constantFrom('null', 'None', '"', '\\', '{"nights": 2}', '<tool_call>', 'book_hotel', ' ', '\n2')
	);
	const value = fc.letrec<{ value: Json }>((tie) => ({
		value: fc.oneof(
			{ maxDepth: 2 },
			text,
			fc.integer(),
			fc.boolean(),
			fc.constant(null),
			fc.array(tie('value'), { maxLength: 3 }),
			fc.dictionary(text, tie('value'), { maxKeys: 3 })
		)
	})).value;
	const args = fc.dictionary(
		fc.constantFrom('nights', 'area', 'null', 'a b'),
		value
	) as fc.Arbitrary<JsonObject>;
	const said = fc.oneof(
		text.map((content): Message[] => [{ role: 'assistant', content }]),
		fc
			.tuple(text, args, text)
			.map(([content, made, result]): Message[] => [
				calling('book_hotel', made, content),
				{ role: 'tool', tool_call_id: 'call_1', name: 'book_hotel', content: result }
			])
	);
	const turn = fc
		.tuple(text, fc.array(said, { maxLength: 3 }))
		.map(([content, messages]): Message[] => [{ role: 'user', content }, ...messages.flat()]);

	it('has no finding, whatever is said', () => {
		fc.assert(
			fc.property(fc.array(turn, { minLength: 1, maxLength: 3 }), text, args, (turns, content, made) => {
				const before: Message[] = [{ role: 'system', content: 'null' }, ...turns.flat()];
				const answer = calling('book_hotel', made, content);
				const whole: TrainingExample = { kind: 'sft', origin, messages: [...before, answer] };
				for (const example of [kto(answer, true, before), whole]) expect(issues(check, example)).toEqual([]);
			}),
			{ numRuns: 300 }
		);
	});

	it('has no finding, whatever the tree', () => {
		const random = (seed: number) => grow('one', randomScript(seed), { beam: 4, maxSteps: 6 });
		for (const search of [smallTree(), ...Array.from({ length: 20 }, (_, seed) => random(seed))]) {
			const harvest = examplesOf(search, { minReward: 0.5 });
			if ('none' in harvest) continue;
			for (const example of Object.values(harvest.examples).flat()) {
				expect([...check.check(example, desk.tools)]).toEqual([]);
				const found = [...schemaCheck.check(example, desk.tools)];
				expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
			}
		}
	});
});
