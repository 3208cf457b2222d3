/** Hands items on in their order, those that came meanwhile together, one batch after the other. */
export class Batches<Item> {
	readonly #handOn: (batch: readonly Item[]) => Promise<void>;
	readonly #onFailure: (error: unknown) => void;
	#waiting: Item[] = [];
	#working: Promise<void> | undefined;
	#failure: { readonly error: unknown } | undefined;

	/** After `handOn` rejects, once, nothing more is handed on. */
	constructor(handOn: (batch: readonly Item[]) => Promise<void>, onFailure: (error: unknown) => void) {
		this.#handOn = handOn;
		this.#onFailure = onFailure;
	}

	add(item: Item): void {
		if (this.#failure) return;
		this.#waiting.push(item);
		this.#working ??= this.#work();
	}

	/** Resolves when everything has been handed on; rejects with what kept it from that. */
	async settled(): Promise<void> {
		await this.#working;
		if (this.#failure) throw this.#failure.error;
	}

	async #work(): Promise<void> {
		try {
			while (this.#waiting.length > 0) await this.#handOn(this.#waiting.splice(0));
		} catch (error) {
			this.#failure = { error };
			this.#waiting = [];
			this.#onFailure(error);
		} finally {
			this.#working = undefined;
		}
	}
}
