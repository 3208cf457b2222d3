import type { GgufHeader } from '../../src/models/wllama/gguf.ts';

/** llama.cpp's `smollm` rule: every digit apart, then GPT-2's expression. */
const splitting = /\p{N}|'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * The embedded model's tokenizer, because wllama does not offer llama.cpp's. Whoever uses it compares the number of tokens with
 * what llama.cpp says.
 */
export class BpeTokenizer {
	readonly #ids: ReadonlyMap<string, number>;
	readonly #ranks: ReadonlyMap<string, number>;
	readonly #special: RegExp;
	readonly #words = new Map<string, readonly number[]>();

	/** @throws if the file holds another kind of tokenizer */
	constructor({ metadata }: GgufHeader) {
		const tokens = metadata.get('tokenizer.ggml.tokens');
		const types = metadata.get('tokenizer.ggml.token_type');
		const merges = metadata.get('tokenizer.ggml.merges');
		if (
			metadata.get('tokenizer.ggml.pre') !== 'smollm' ||
			!Array.isArray(tokens) ||
			!Array.isArray(types) ||
			!Array.isArray(merges)
		) {
			throw new Error('the benchmark knows only the tokenizer of the embedded model');
		}
		this.#ids = new Map(tokens.map((token, id) => [String(token), id]));
		this.#ranks = new Map(merges.map((merge, rank) => [String(merge), rank]));
		const special = tokens.filter((_, id) => types[id] !== 1).map((token) => escape(String(token)));
		this.#special = new RegExp(`(${special.join('|')})`);
	}

	encode(text: string): number[] {
		// With one group in the expression, every second part is a special token.
		return text.split(this.#special).flatMap((part, index) => {
			if (index % 2 === 1) return [this.#ids.get(part)!];
			return (part.match(splitting) ?? []).flatMap((word) => this.#encodeWord(word));
		});
	}

	#encodeWord(word: string): readonly number[] {
		let ids = this.#words.get(word);
		if (!ids) {
			ids = this.#merge([...word].map(spelling)).flatMap((piece) => this.#ids.get(piece) ?? []);
			this.#words.set(word, ids);
		}
		return ids;
	}

	#merge(pieces: string[]): string[] {
		for (;;) {
			let best = -1;
			let bestRank = Infinity;
			for (let i = 0; i + 1 < pieces.length; i++) {
				const rank = this.#ranks.get(`${pieces[i]} ${pieces[i + 1]}`) ?? Infinity;
				if (rank < bestRank) [best, bestRank] = [i, rank];
			}
			if (best < 0) return pieces;
			pieces.splice(best, 2, `${pieces[best]}${pieces[best + 1]}`);
		}
	}
}

/** The vocabulary is ASCII; only blanks are spelt otherwise. */
function spelling(character: string): string {
	return character === ' ' ? 'Ġ' : character === '\n' ? 'Ċ' : character;
}

function escape(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
