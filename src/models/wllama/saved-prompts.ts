/**
 * Estimates what llama.cpp holds in its store of earlier prompts. Each time a request keeps less than half of what a slot
 * was left with, that is put into the store.
 */
export class SavedPrompts {
	readonly #bytesPerToken: number;
	readonly #limit: number;
	/** Tokens that each slot was left with, the one used longest ago first. Which slot answered is not told. */
	#held: number[];
	#bytes = 0;

	constructor(bytesPerToken: number, limit: number, slots: number) {
		this.#bytesPerToken = bytesPerToken;
		this.#limit = limit;
		this.#held = Array.from({ length: slots }, () => 0);
	}

	get bytes(): number {
		return this.#bytes;
	}

	get full(): boolean {
		return this.#bytes > this.#limit;
	}

	count(totalTokens: number, cachedTokens: number): void {
		// A prompt brought back from the store counts as cached too, so this may miss a few and is an estimate.
		const kept = this.#held.findIndex((held) => cachedTokens >= held / 2);
		if (kept < 0) this.#bytes += this.#held[0]! * this.#bytesPerToken;
		this.#held.splice(Math.max(0, kept), 1);
		this.#held.push(totalTokens);
	}

	clear(): void {
		this.#bytes = 0;
		this.#held = this.#held.map(() => 0);
	}
}
