import type { JsonObject } from '../../base/json.ts';
import type { TargetModel } from './check.ts';
import { Rendering, TargetError } from './rendering.ts';
import { tokenCounter } from './target-files.ts';

/** Metadata of a GGUF file by key. */
export type GgufMetadata = ReadonlyMap<string, unknown>;

/**
 * A target from what stands before the weights of a GGUF file; the embedded model's is one. Tokens are counted if the file holds a
 * byte-level BPE vocabulary whose way of splitting words is known here, else lengths are estimated.
 * @throws {TargetError} if there is no chat template, or it cannot be parsed
 */
export function targetFromGguf(metadata: GgufMetadata): TargetModel {
	const named = metadata.get('general.name');
	const name = typeof named === 'string' ? named : 'the GGUF file';
	const template =
		metadata.get('tokenizer.chat_template.tool_use') ?? metadata.get('tokenizer.chat_template');
	if (typeof template !== 'string')
		throw new TargetError(`${name} comes without a chat template. Choose another conversion of the model.`);
	const tokens = textsIn(metadata, 'tokenizer.ggml.tokens');
	const special = (key: string) => tokens?.[metadata.get(`tokenizer.ggml.${key}`) as number];
	const bosToken = special('bos_token_id');
	const eosToken = special('eos_token_id');
	const tokenizer = tokens && tokenizerOf(metadata, tokens);
	const repository = repositoryOf(metadata);
	const target: TargetModel = {
		name,
		...(repository !== undefined && { repository }),
		chatTemplate: template,
		...(bosToken !== undefined && { bosToken }),
		...(eosToken !== undefined && { eosToken }),
		...(tokenizer && { countTokens: tokenCounter(name, tokenizer, {}) })
	};
	new Rendering(target);
	return target;
}

/** Trainers want the model that the file was converted from. */
function repositoryOf(metadata: GgufMetadata): string | undefined {
	const address = metadata.get('general.source.repo_url') ?? metadata.get('general.base_model.0.repo_url');
	return /^https:\/\/huggingface\.co\/([^/]+\/[^/]+)\/?$/.exec(String(address))?.[1];
}

const byteLevel = (splitsWords: boolean) => ({
	type: 'ByteLevel',
	add_prefix_space: false,
	trim_offsets: false,
	use_regex: splitsWords
});

const splitBy = (Regex: string) => ({
	type: 'Sequence',
	pretokenizers: [
		{ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
		byteLevel(false)
	]
});

/** How words are split before they are merged, by llama.cpp's name for it; in the terms of tokenizer.json. */
const splitting: Readonly<Record<string, JsonObject>> = {
	'gpt-2': byteLevel(true),
	smollm: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)] },
	'llama-bpe': splitBy(
		String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	),
	qwen2: splitBy(
		String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	)
};

/** llama.cpp's types of tokens that are found in a text as they stand: control, and those that users defined. */
const wholeTokens = { control: 3, userDefined: 4 } as const;

/** The vocabulary as tokenizer.json holds one; nothing if it is of another kind. */
function tokenizerOf(metadata: GgufMetadata, tokens: readonly string[]): JsonObject | undefined {
	const pretokenizer = splitting[String(metadata.get('tokenizer.ggml.pre'))];
	const merges = textsIn(metadata, 'tokenizer.ggml.merges');
	const types = metadata.get('tokenizer.ggml.token_type');
	if (metadata.get('tokenizer.ggml.model') !== 'gpt2' || !pretokenizer || !merges || !Array.isArray(types))
		return undefined;
	const added = tokens.flatMap((content, id) => {
		const isControl = types[id] === wholeTokens.control;
		return isControl || types[id] === wholeTokens.userDefined
			? [
					{
						id,
						content,
						special: isControl,
						normalized: false,
						lstrip: false,
						rstrip: false,
						single_word: false
					}
				]
			: [];
	});
	return {
		version: '1.0',
		added_tokens: added,
		normalizer: null,
		pre_tokenizer: pretokenizer,
		post_processor: null,
		decoder: byteLevel(true),
		model: {
			type: 'BPE',
			vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
			merges
		}
	};
}

function textsIn(metadata: GgufMetadata, key: string): readonly string[] | undefined {
	const value = metadata.get(key);
	return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}
