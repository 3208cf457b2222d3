import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Rendering } from '../../src/dataset/check/rendering.ts';
import { targetFromFiles } from '../../src/dataset/check/target-files.ts';
import { targetFromGguf } from '../../src/dataset/check/target-gguf.ts';
import { templateCheck } from '../../src/dataset/check/template-check.ts';
import { readGguf } from '../../src/models/wllama/gguf.ts';
import { booking, kto, prompt, sft, tools } from './check-examples.ts';
import { droppingCalls, sound } from './check-templates.ts';

/** The letters a to d, "ab", "cd" and one token of its own. */
const tokenizer = {
	version: '1.0',
	added_tokens: [{ id: 6, content: '<|end|>', special: true, normalized: false }],
	normalizer: null,
	pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
	post_processor: null,
	decoder: null,
	model: { type: 'BPE', vocab: { a: 0, b: 1, c: 2, d: 3, ab: 4, cd: 5 }, merges: ['a b', 'c d'] }
};

describe('a target from files', () => {
	const json = JSON.stringify;

	it('takes the template from its file, before that of the configuration', () => {
		const config = json({ chat_template: droppingCalls, bos_token: { content: '<s>' }, eos_token: '</s>' });
		const target = targetFromFiles('me/model', {
			'tokenizer.json': json(tokenizer),
			'tokenizer_config.json': config,
			'chat_template.jinja': sound
		});
		expect(target).toMatchObject({
			name: 'me/model',
			repository: 'me/model',
			chatTemplate: sound,
			bosToken: '<s>',
			eosToken: '</s>',
			specialTokens: ['<|end|>', '<s>', '</s>']
		});
		const more = {
			added_tokens_decoder: {
				7: { content: '<|eot|>', special: true },
				8: { content: '<think>', special: false }
			},
			additional_special_tokens: ['<|pad|>', { content: '<|eot|>' }],
			chat_template: sound
		};
		expect(targetFromFiles('m', { 'tokenizer_config.json': json(more) }).specialTokens).toEqual([
			'<|eot|>',
			'<|pad|>'
		]);
		expect(target.tokenize!('abcd<|end|>ba')).toHaveLength(5);
		expect(targetFromFiles('me/model', { 'tokenizer_config.json': config })).not.toHaveProperty('tokenize');
	});

	it('takes the template for tools, of several', () => {
		const templates = [
			{ name: 'default', template: droppingCalls },
			{ name: 'tool_use', template: sound }
		];
		const config = (chat_template: unknown) => ({ 'tokenizer_config.json': json({ chat_template }) });
		expect(targetFromFiles('m', config(templates)).chatTemplate).toBe(sound);
		expect(targetFromFiles('m', config(templates.slice(0, 1))).chatTemplate).toBe(droppingCalls);
	});

	it('says what is missing or broken', () => {
		expect(() => targetFromFiles('m', { 'tokenizer_config.json': '{}' })).toThrow(
			'm comes without a chat template'
		);
		expect(() => targetFromFiles('m', { 'tokenizer_config.json': '<html>' })).toThrow(
			'tokenizer_config.json is not a JSON object'
		);
		expect(() => targetFromFiles('m', { 'chat_template.jinja': '{% if' })).toThrow('cannot be read');
		const odd = json({ ...tokenizer, model: { type: 'Odd' } });
		expect(() => targetFromFiles('m', { 'chat_template.jinja': sound, 'tokenizer.json': odd })).toThrow(
			'The tokenizer of m cannot be used'
		);
	});
});

describe('a target from a GGUF file', () => {
	it('is the embedded model, with its own tokens', async () => {
		const header = await readGguf(await openAsBlob('public/models/embedded.gguf'));
		const target = targetFromGguf(header.metadata);
		expect(target).toMatchObject({ name: 'Joshtree travel', eosToken: '<|im_end|>' });
		expect(target.specialTokens).toEqual(expect.arrayContaining(['<|im_start|>', '<|im_end|>']));
		for (const example of [kto(booking), sft(booking)])
			expect([...templateCheck(target).check(example, tools)]).toEqual([]);
		const rendered = new Rendering(target).prompt(prompt, tools);
		if (!('text' in rendered)) throw new Error(rendered.problem);
		expect(target.tokenize!(rendered.text)).toHaveLength(119);
		expect(target.tokenize!("It's 1234 o'clock,  is it?\n\n<|im_end|>\n")).toHaveLength(23);
	});

	const metadata = (more: Record<string, unknown>) =>
		new Map<string, unknown>(
			Object.entries({
				'general.name': 'Small',
				'tokenizer.chat_template': sound,
				'tokenizer.ggml.model': 'gpt2',
				'tokenizer.ggml.pre': 'qwen2',
				'tokenizer.ggml.tokens': [...Object.keys(tokenizer.model.vocab), '<|end|>'],
				'tokenizer.ggml.token_type': [1, 1, 1, 1, 1, 1, 3],
				'tokenizer.ggml.merges': tokenizer.model.merges,
				...more
			})
		);

	it.each(['qwen2', 'llama-bpe', 'gpt-2', 'smollm'])('counts tokens that were split as %s splits', (pre) => {
		expect(targetFromGguf(metadata({ 'tokenizer.ggml.pre': pre })).tokenize!('abcd<|end|>ba')).toHaveLength(
			5
		);
	});

	it('has no tokens where their kind is not known', () => {
		expect(targetFromGguf(metadata({ 'tokenizer.ggml.pre': 'odd' }))).not.toHaveProperty('tokenize');
		expect(targetFromGguf(metadata({ 'tokenizer.ggml.model': 'llama' }))).not.toHaveProperty('tokenize');
	});

	it('names the model that it was made of', () => {
		const address = 'https://huggingface.co/Qwen/Qwen3-0.6B';
		expect(targetFromGguf(metadata({ 'general.base_model.0.repo_url': address })).repository).toBe(
			'Qwen/Qwen3-0.6B'
		);
		expect(targetFromGguf(metadata({}))).not.toHaveProperty('repository');
	});

	it('needs a template', () => {
		expect(() => targetFromGguf(metadata({ 'tokenizer.chat_template': 1 }))).toThrow(
			'Small comes without a chat template'
		);
	});
});
