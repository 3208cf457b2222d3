import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Parameter {
	readonly name: string;
	readonly shape: readonly number[];
	readonly dtype: string;
}

/** What a compiled library says of itself in its `_metadata`. */
export interface LibraryMetadata {
	readonly model_type: string;
	readonly quantization: string;
	readonly prefill_chunk_size: number;
	readonly params: readonly Parameter[];
}

/** Finds the JSON text that a compiled library carries. @throws if there is none */
export function readMetadata(library: string): LibraryMetadata {
	const text = readFileSync(library, 'latin1');
	const inside = text.indexOf('"params": [');
	for (let start = inside; start >= 0 && inside - start < 5000; start = text.lastIndexOf('{', start - 1)) {
		const end = text[start] === '{' ? closingBrace(text, start) : -1;
		if (end < 0) continue;
		try {
			const value = JSON.parse(text.slice(start, end)) as Partial<LibraryMetadata>;
			if (value.params && value.model_type) return value as LibraryMetadata;
		} catch {
			// Not this brace.
		}
	}
	throw new Error(`${library} carries no metadata of a chat model.`);
}

function closingBrace(text: string, start: number): number {
	let depth = 0;
	let quoted = false;
	for (let at = start; at < text.length; at++) {
		const character = text[at];
		if (character === '\\') at++;
		else if (character === '"') quoted = !quoted;
		else if (!quoted && character === '{') depth++;
		else if (!quoted && character === '}' && --depth === 0) return at + 1;
	}
	return -1;
}

const bytesOf: Readonly<Record<string, number>> = { float32: 4, uint32: 4, float16: 2 };
const shardBytes = 2 ** 25;

/** Tokens that end a reply: the first after the 256 bytes. */
const endOfTurn = 256;

/**
 * Writes a model folder in MLC's form: random weights of the shapes the library wants, a tokenizer of single bytes, and a
 * chat template that adds nothing, so that a prompt of two letters is two tokens: on a software adapter each takes most
 * of a minute.
 *
 * @param words texts that are one token each
 */
export function writeRandomModel(
	folder: string,
	metadata: LibraryMetadata,
	{ contextTokens, words }: { readonly contextTokens: number; readonly words: readonly string[] }
): void {
	const files = join(folder, 'resolve', 'main');
	mkdirSync(files, { recursive: true });
	const write = (name: string, content: object) => writeFileSync(join(files, name), JSON.stringify(content));
	const known = endOfTurn + 1 + words.length;
	write('tokenizer.json', tokenizer(words));

	const random = generator(1);
	const shards: object[] = [];
	let pieces: Buffer[] = [];
	let records: object[] = [];
	let length = 0;
	const flush = () => {
		const data = Buffer.concat(pieces);
		const dataPath = `params_shard_${shards.length}.bin`;
		writeFileSync(join(files, dataPath), data);
		const md5sum = createHash('md5').update(data).digest('hex');
		shards.push({ dataPath, format: 'raw-shard', nbytes: data.length, records, md5sum });
		[pieces, records, length] = [[], [], 0];
	};
	for (const { name, shape, dtype } of metadata.params) {
		const data = weights(name, shape, dtype, known, random);
		if (length > 0 && length + data.length > shardBytes) flush();
		records.push({ name, shape, dtype, format: 'raw', nbytes: data.length, byteOffset: length });
		pieces.push(data);
		length += data.length;
	}
	flush();
	const manifest = { metadata: { ParamSize: metadata.params.length }, records: shards };
	// The second name is what releases before 0.2.80 ask for.
	for (const name of ['tensor-cache.json', 'ndarray-cache.json']) write(name, manifest);
	write('mlc-chat-config.json', chatConfig(metadata, contextTokens));
}

function weights(
	name: string,
	shape: readonly number[],
	dtype: string,
	known: number,
	random: () => number
): Buffer {
	const size = bytesOf[dtype];
	if (size === undefined) throw new Error(`${name} is of type ${dtype}, which this does not write.`);
	const count = shape.reduce((product, side) => product * side, 1);
	if (dtype === 'uint32') {
		return Buffer.from(Uint32Array.from({ length: count }, random).buffer);
	}
	if (dtype !== 'float32') throw new Error('Only libraries for f32 run on a software adapter.');
	const row = count / shape[0]!;
	const value = (index: number): number => {
		if (/norm\.weight$/.test(name)) return 1;
		// Tokens that the tokenizer does not know get the same logit, far below most of the others.
		if (/embed_tokens\.q_scale$/.test(name)) return index / row < known ? 0.02 : 0;
		if (name.endsWith('q_scale')) return 0.004;
		return 0.02 * (random() / 2 ** 31 - 1);
	};
	return Buffer.from(Float32Array.from({ length: count }, (_, index) => value(index)).buffer);
}

/** Xorshift; unsigned 32 bit. */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return state >>> 0;
	};
}

function tokenizer(words: readonly string[]): object {
	// Byte-level vocabularies spell each byte as a printable character: itself, or the next from U+0100 on.
	let next = 0x100;
	const vocab: Record<string, number> = {};
	for (let byte = 0; byte < 256; byte++) {
		const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
		vocab[String.fromCharCode(printable ? byte : next++)] = byte;
	}
	const added = ['<|end|>', ...words].map((content, index) => ({
		id: endOfTurn + index,
		content,
		single_word: false,
		lstrip: false,
		rstrip: false,
		normalized: false,
		special: index === 0
	}));
	const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true };
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: added,
		normalizer: null,
		pre_tokenizer: byteLevel,
		post_processor: null,
		decoder: byteLevel,
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: '',
			end_of_word_suffix: '',
			fuse_unk: false,
			byte_fallback: false,
			vocab,
			merges: []
		}
	};
}

function chatConfig(
	{ model_type, quantization, prefill_chunk_size, params }: LibraryMetadata,
	context: number
): object {
	return {
		version: '0.1.0',
		model_type,
		quantization,
		vocab_size: params[0]!.shape[0],
		context_window_size: context,
		sliding_window_size: -1,
		attention_sink_size: -1,
		prefill_chunk_size,
		tensor_parallel_shards: 1,
		temperature: 1,
		presence_penalty: 0,
		frequency_penalty: 0,
		repetition_penalty: 1,
		top_p: 1,
		tokenizer_files: ['tokenizer.json'],
		tokenizer_info: {
			token_postproc_method: 'byte_level',
			prepend_space_in_encode: false,
			strip_space_in_decode: false
		},
		bos_token_id: endOfTurn,
		eos_token_id: [endOfTurn],
		pad_token_id: endOfTurn,
		conv_template: {
			name: 'bare',
			system_template: '{system_message}',
			system_message: '',
			roles: { user: '', assistant: '', tool: '' },
			role_templates: {
				user: '{user_message}',
				assistant: '{assistant_message}',
				tool: '{tool_message}'
			},
			messages: [],
			seps: [''],
			role_content_sep: '',
			role_empty_sep: '',
			stop_str: [],
			stop_token_ids: [endOfTurn]
		}
	};
}
