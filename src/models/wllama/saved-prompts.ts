/**
 * Estimates what llama.cpp holds in its store of earlier prompts. Each time a request keeps less than half of what
 * the one before left, that is put into the store.
 */
export class SavedPrompts {
	readonly #bytesPerToken: number;
	readonly #limit: number;
	#bytes = 0;
	#held = 0;

	constructor(bytesPerToken: number, limit: number) {
		this.#bytesPerToken = bytesPerToken;
		this.#limit = limit;
	}

	get bytes(): number {
		return this.#bytes;
	}

	get full(): boolean {
		return this.#bytes > this.#limit;
	}

	count(totalTokens: number, cachedTokens: number): void {
		// A prompt brought back from the store counts as cached too, so this may miss a few and is an estimate.
		if (cachedTokens < this.#held / 2) this.#bytes += this.#held * this.#bytesPerToken;
		this.#held = totalTokens;
	}

	clear(): void {
		this.#bytes = 0;
		this.#held = 0;
	}
}
