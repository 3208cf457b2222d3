import type { JsonObject } from '../../base/json.ts';
import { own } from '../../base/own.ts';

/** Metadata of a GGUF file by key. */
export type GgufMetadata = ReadonlyMap<string, unknown>;

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

/** What tokenizer.json holds. */
export type GgufTokenizer = JsonObject & { readonly added_tokens: readonly { readonly content: string }[] };

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

/**
 * A file's tokenizer in the terms of tokenizer.json, for `@huggingface/tokenizers`: wllama does not offer llama.cpp's. Nothing unless the
 * file holds a byte-level BPE vocabulary whose way of splitting words is known here.
 */
export function ggufTokenizer(metadata: GgufMetadata): GgufTokenizer | undefined {
	const tokens = textsIn(metadata, 'tokenizer.ggml.tokens');
	const pretokenizer = own(splitting, String(metadata.get('tokenizer.ggml.pre')));
	const merges = textsIn(metadata, 'tokenizer.ggml.merges');
	const types = metadata.get('tokenizer.ggml.token_type');
	const isByteLevel = metadata.get('tokenizer.ggml.model') === 'gpt2';
	if (!isByteLevel || !tokens || !pretokenizer || !merges || !Array.isArray(types)) return undefined;
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

/** Tokens that steer a model and stand for no text, whatever kind of tokenizer it is. */
export function controlTokens(metadata: GgufMetadata): readonly string[] {
	const types = metadata.get('tokenizer.ggml.token_type');
	if (!Array.isArray(types)) return [];
	const tokens = textsIn(metadata, 'tokenizer.ggml.tokens') ?? [];
	return tokens.filter((text, id) => types[id] === wholeTokens.control && text !== '');
}

export function textsIn(metadata: GgufMetadata, key: string): readonly string[] | undefined {
	const value = metadata.get(key);
	return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}
