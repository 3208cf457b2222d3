import { describe, expect, it } from 'vitest';
import { chatmlGenerationPrompt, writeChatml } from '../../../src/dialogue/chatml.ts';
import type { PlainMessage } from '../../../src/dialogue/message.ts';
import { completionBody, engineSeed } from '../../../src/models/wllama/completion.ts';
import { chosenTemplate, promptOf } from '../../../src/models/wllama/prompts.ts';
import { request } from '../fake-model.ts';

const tokens = { bos: '<s>', eos: '</s>', addsBos: true };
const messages: PlainMessage[] = [
	{ role: 'system', content: ' Be brief. ' },
	{ role: 'user', content: 'Hi\n' }
];

/** Words alone, without tools. */
const chatTemplate = (source: string | null, { bos, eos, addsBos }: typeof tokens) => {
	const template = chosenTemplate(source, { bos, eos, addsBos }, 'hermes');
	return (messages: readonly PlainMessage[]) => promptOf(template, { messages, tools: [] }).text;
};

describe('a chat template', () => {
	it('renders ChatML exactly, with or without a template that says so', () => {
		const template =
			"{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}" +
			"{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
		const text = writeChatml(messages) + chatmlGenerationPrompt;
		expect(chatTemplate(template, tokens)(messages)).toBe(text);
		expect(chatTemplate(null, tokens)(messages)).toBe(text);
	});

	it('leaves the bos token to the tokenizer that adds it', () => {
		const template = '{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}';
		expect(chatTemplate(template, tokens)(messages)).toBe(' Be brief. Hi\n');
		expect(chatTemplate(template, { ...tokens, addsBos: false })(messages)).toBe('<s> Be brief. Hi\n');
	});

	it('puts the system text into the first user message for a template that refuses it', () => {
		const template =
			"{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.content }}]{% endfor %}";
		expect(chatTemplate(template, tokens)(messages)).toBe('[ Be brief. \n\nHi\n]');
	});

	it('prints the same date every day, and switches thinking off', () => {
		const template =
			"{{ strftime_now('%d %b %Y') }} {{ date_string }} {{ enable_thinking }}{% for m in messages %}{{ m.content }}{% endfor %}";
		expect(chatTemplate(template, tokens)(messages)).toBe('26 Jul 2024 26 Jul 2024 False Be brief. Hi\n');
	});

	it.each([
		['cannot be parsed', '{% for %}', /cannot be used/],
		['always refuses', "{{ raise_exception('never') }}", /never/],
		['writes nothing', '{# #}', /leaves out what the user says/],
		['leaves a side out', '{{ messages[2].content }}', /leaves out what the user says/],
		['loops without end', '{% for i in range(10**12) %}{% endfor %}', /cannot be used/],
		[
			'loops for very long',
			'{% for i in range(1000000000000) %}{% endfor %}',
			/loops more than 100000 times/
		],
		[
			'loops in loops',
			'{% for i in range(1000) %}{% for k in range(1000) %}{% endfor %}{% endfor %}',
			/loops more than 100000 times/
		],
		['calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /cannot be used/]
	])('refuses a template that %s', (_, template, message) => {
		expect(() => chatTemplate(template, tokens)).toThrow(
			expect.objectContaining({ name: 'ModelLoadError', message: expect.stringMatching(message) })
		);
	});

	const dialogue = (length: number) =>
		Array.from({ length }, (_, index): PlainMessage => ({
			role: index % 2 === 0 ? 'user' : 'assistant',
			content: `words ${index}`
		}));

	it.each([
		['refuses', "{{ raise_exception('too long') if messages|length > 20 }}", 'too long'],
		['writes nothing for', '{% if messages|length > 20 %}{% set messages = [] %}{% endif %}', 'last of 23'],
		['loops for', '{% if messages|length > 20 %}{% for i in range(999999) %}{% endfor %}{% endif %}', 'loops']
	])('takes a template that %s a long conversation, until there is one', (_, start, message) => {
		const render = chatTemplate(`${start}{% for m in messages %}[{{ m.content }}]{% endfor %}`, tokens);
		expect(render(dialogue(19))).toContain('[words 18]');
		expect(() => render(dialogue(23))).toThrow(
			expect.objectContaining({ name: 'PromptError', message: expect.stringContaining(message) })
		);
		expect(render(dialogue(3))).toContain('[words 2]');
	});

	it('gives each rendering its loops', () => {
		const render = chatTemplate(
			'{% for i in range(9000) %}{% endfor %}{% for k in range(2, 8, 3) %}{{ k }}{% endfor %}{% for m in messages %}{{ m.content }}{% endfor %}',
			tokens
		);
		for (let n = 0; n < 4; n++) expect(render(dialogue(1))).toBe('25words 0');
	});
});

describe('completionBody', () => {
	it('states everything that decides which token is drawn', () => {
		const body = completionBody(
			{ ...request('a', 9), sampling: { temperature: 0.3, topP: 0.9, topK: 5, minP: 0.1, maxTokens: 7 } },
			'prompt',
			[128]
		);
		expect(body).toMatchObject({
			prompt: 'prompt',
			seed: 9,
			temperature: 0.3,
			top_p: 0.9,
			top_k: 5,
			min_p: 0.1,
			max_tokens: 7,
			repeat_penalty: 1,
			presence_penalty: 0,
			frequency_penalty: 0,
			typical_p: 1,
			dry_multiplier: 0,
			xtc_probability: 0,
			mirostat: 0,
			logit_bias: [[128, false]]
		});
	});

	it('passes a constraint on', () => {
		expect(
			completionBody({ ...request('a'), constraint: { grammar: 'root ::= "a"' } }, '', [])
		).toHaveProperty('grammar');
		expect(completionBody({ ...request('a'), constraint: { jsonSchema: {} } }, '', [])).toHaveProperty(
			'json_schema'
		);
	});
});

describe('engineSeed', () => {
	it('avoids the one number that means "random"', () => {
		expect([0, 1, 2 ** 31, 2 ** 32 - 2].map(engineSeed)).toEqual([0, 1, 2 ** 31, 2 ** 32 - 2]);
		expect(engineSeed(2 ** 32 - 1)).toBe(0);
		expect(engineSeed(-1)).toBe(0);
	});
});
