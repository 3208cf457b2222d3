import { describe, expect, it } from 'vitest';
import { chatmlGenerationPrompt, writeChatml } from '../../../src/dialogue/chatml.ts';
import type { PlainMessage } from '../../../src/dialogue/message.ts';
import { chatTemplate } from '../../../src/models/wllama/chat-template.ts';
import { completionBody, engineSeed } from '../../../src/models/wllama/completion.ts';
import { request } from '../fake-model.ts';

const tokens = { bos: '<s>', eos: '</s>', addsBos: true };
const messages: PlainMessage[] = [
	{ role: 'system', content: ' Be brief. ' },
	{ role: 'user', content: 'Hi\n' }
];

describe('chatTemplate', () => {
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
		const template = "{{ strftime_now('%d %b %Y') }} {{ date_string }} {{ enable_thinking }}";
		expect(chatTemplate(template, tokens)(messages)).toBe('26 Jul 2024 26 Jul 2024 false');
	});

	it('refuses a template that it cannot use', () => {
		expect(() => chatTemplate('{% for %}', tokens)).toThrow(
			expect.objectContaining({ name: 'ModelLoadError' })
		);
		expect(() => chatTemplate("{{ raise_exception('never') }}", tokens)).toThrow(/never/);
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
