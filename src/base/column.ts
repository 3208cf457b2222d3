/** Numbers one after the other, eight bytes each. Millions of them are one object, so they cost the garbage collector nothing. */
export class NumberColumn {
	#values = new Float64Array(256);
	#length = 0;

	get length(): number {
		return this.#length;
	}

	push(value: number): void {
		if (this.#length === this.#values.length) {
			const larger = new Float64Array(2 * this.#length);
			larger.set(this.#values);
			this.#values = larger;
		}
		this.#values[this.#length++] = value;
	}

	/** @throws {RangeError} if there is none at this place */
	at(index: number): number {
		if (index < 0 || index >= this.#length)
			throw new RangeError(`there is no value ${index} of ${this.#length}`);
		return this.#values[index]!;
	}
}
