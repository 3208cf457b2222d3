import { describe, expect, it } from 'vitest';
import type { TemplateFacts } from '../../../src/dialogue/template/chat-template.ts';
import type { GgufHeader } from '../../../src/models/wllama/gguf.ts';
import {
	chosenTemplate,
	promptOf,
	recordedPrompts,
	templateFacts
} from '../../../src/models/wllama/prompts.ts';

const tokens = { bos: '<s>', eos: '</s>', addsBos: false };
const plain: TemplateFacts = { source: 'own', tools: 'hermes', system: 'own', losses: [] };
const chatml =
	"{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}" +
	"{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

describe('what an identity says of prompts', () => {
	it.each(['compact', 'schema'] as const)('is for "%s" what runs from before have', (tools) => {
		expect(recordedPrompts(tools, { ...plain, system: 'in user', losses: ['Something.'] })).toEqual({
			tools
		});
	});

	it('is what was chosen, and nothing where nothing is special', () => {
		expect(recordedPrompts('auto', plain)).toEqual({ tools: 'hermes', template: 'own' });
		const facts: TemplateFacts = {
			source: 'chatml',
			tools: 'native',
			system: 'in user',
			syntax: 'hermes-json',
			losses: ['Something.']
		};
		expect(recordedPrompts('auto', facts)).toEqual({
			tools: 'native',
			template: 'chatml',
			system: 'in user',
			syntax: 'hermes-json',
			losses: ['Something.']
		});
	});
});

it('writes for "schema" what it writes for "hermes"', () => {
	const tools = [{ name: 'search', description: 'Find.', parameters: { type: 'object', properties: {} } }];
	const request = { messages: [{ role: 'user', content: 'Hi' }], tools } as const;
	const texts = (['schema', 'hermes'] as const).map((form) =>
		promptOf(chosenTemplate(chatml, tokens, form), request)
	);
	expect(texts[0]).toEqual(texts[1]);
	expect(texts[0]!.text).toContain('<tools>');
});

it('has a template that cannot be used refused when the model is loaded', () => {
	expect(() => chosenTemplate('{% for %}', tokens, 'hermes')).toThrow(
		expect.objectContaining({ name: 'ModelLoadError', message: expect.stringMatching(/chat template/) })
	);
});

it('has a conversation that a template refuses end with a PromptError', () => {
	const refusing = `{% if messages|length > 12 %}{{ raise_exception('too many') }}{% endif %}${chatml}`;
	const template = chosenTemplate(refusing, tokens, 'hermes');
	const messages = Array.from({ length: 15 }, (_, n) => ({
		role: n % 2 ? ('assistant' as const) : ('user' as const),
		content: `${n}`
	}));
	expect(() => promptOf(template, { messages, tools: [] })).toThrow(
		expect.objectContaining({ name: 'PromptError', message: expect.stringMatching(/too many/) })
	);
});

describe('a header', () => {
	const header = (template?: string): GgufHeader => ({
		version: 3,
		metadata: new Map<string, never>([
			['tokenizer.ggml.tokens', ['<s>', '</s>'] as never],
			['tokenizer.ggml.bos_token_id', 0 as never],
			...(template === undefined ? [] : [['tokenizer.chat_template', template as never] as const])
		]),
		tensors: []
	});

	it('tells how its template takes tools before an engine is loaded', () => {
		expect(templateFacts(header(chatml))).toMatchObject({ source: 'own', tools: 'hermes' });
		expect(templateFacts(header())).toMatchObject({ source: 'chatml' });
	});

	it('tells of a template that cannot be used', () => {
		expect(templateFacts(header('{% for %}'))).toMatchObject({ problem: expect.stringMatching(/template/) });
	});
});
