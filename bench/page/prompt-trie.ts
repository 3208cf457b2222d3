/** Token sequences with their shared beginnings held once. */
export class PromptTrie {
	/** Children by `node * width + token`; node 0 is the root. */
	readonly #children = new Map<number, number>();
	readonly #width: number;

	/** @param vocabulary how many tokens there are */
	constructor(vocabulary: number) {
		this.#width = vocabulary;
	}

	/** Distinct token positions. */
	get size(): number {
		return this.#children.size;
	}

	/** @returns how many of the tokens, from the first, were there already */
	add(tokens: readonly number[]): number {
		let node = 0;
		let known = 0;
		for (const [index, token] of tokens.entries()) {
			const key = node * this.#width + token;
			const child = this.#children.get(key);
			if (child !== undefined) known = index + 1;
			node = child ?? this.#children.size + 1;
			if (child === undefined) this.#children.set(key, node);
		}
		return known;
	}

	/** How many of the tokens, from the first, are there. */
	shared(tokens: readonly number[]): number {
		let node = 0;
		for (const [index, token] of tokens.entries()) {
			const child = this.#children.get(node * this.#width + token);
			if (child === undefined) return index;
			node = child;
		}
		return tokens.length;
	}
}
