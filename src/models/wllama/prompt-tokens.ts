import { Tokenizer } from '@huggingface/tokenizers';
import { anyOf } from '../../base/reg-exp.ts';
import { ggufTokenizer, type GgufMetadata, type GgufTokenizer } from './gguf-tokenizer.ts';

/** How a prompt is cut, for the caller that follows what an engine keeps of it. */
export interface PromptTokens {
	encode(text: string): number[];
	decode(tokens: readonly number[]): string;
	/** The engine cuts in the same places. Otherwise there are about as many. */
	readonly isExact: boolean;
}

/** The tokens of a GGUF file's model; words where they are not known. */
export function promptTokens(metadata: GgufMetadata): PromptTokens {
	const definition = ggufTokenizer(metadata);
	return definition ? new KnownTokens(definition) : new Words();
}

/** Texts between control tokens that are remembered; conversations repeat all but their last ones. */
const remembered = 2000;

class KnownTokens implements PromptTokens {
	readonly isExact = true;
	readonly #tokenizer: Tokenizer;
	/** Whatever else a text holds, it is cut at these. */
	readonly #marks: RegExp;
	readonly #known = new Map<string, number[]>();

	constructor(definition: GgufTokenizer) {
		this.#tokenizer = new Tokenizer(definition, {});
		this.#marks = anyOf(definition.added_tokens.map(({ content }) => content));
	}

	encode(text: string): number[] {
		return text.split(this.#marks).flatMap((part) => {
			const known = this.#known.get(part);
			if (known) return known;
			const { ids } = this.#tokenizer.encode(part, { add_special_tokens: false });
			if (this.#known.size >= remembered) this.#known.clear();
			this.#known.set(part, ids);
			return ids;
		});
	}

	decode(tokens: readonly number[]): string {
		if (tokens.length === 0) return '';
		return this.#tokenizer.decode([...tokens], { clean_up_tokenization_spaces: false });
	}
}

/** Control tokens and tags are one each; every character belongs to some word. */
const word = /<[|/]?\w+\|?>|\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]|\s+/gu;

class Words implements PromptTokens {
	readonly isExact = false;
	readonly #numbers = new Map<string, number>();
	readonly #spellings: string[] = [];

	encode(text: string): number[] {
		return (text.match(word) ?? []).map((spelling) => {
			const known = this.#numbers.get(spelling);
			if (known !== undefined) return known;
			const number = this.#spellings.push(spelling) - 1;
			this.#numbers.set(spelling, number);
			return number;
		});
	}

	decode(words: readonly number[]): string {
		return words.map((number) => this.#spellings[number]).join('');
	}
}
