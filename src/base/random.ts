import { mix32, seedOf } from './hash.ts';

/**
 * A seeded random source: the same seed gives the same draws on every machine. Draw `i` is a hash of
 * (seed, i), so that drawing never depends on floating-point history.
 */
export class Random {
	readonly #seed: number;
	#drawn = 0;

	/** The parts are hashed to one seed. */
	constructor(...parts: readonly (string | number)[]) {
		this.#seed = seedOf(...parts);
	}

	/** Uniform unsigned 32-bit integer. */
	uint32(): number {
		return mix32((this.#seed + mix32(this.#drawn++ + 0x9e3779b9)) | 0);
	}

	/** Uniform in [0, 1). */
	next(): number {
		return this.uint32() / 0x1_0000_0000;
	}

	/** True with probability `p`. */
	chance(p: number): boolean {
		return this.next() < p;
	}

	/** Uniform integer in [low, high], both included. */
	integer(low: number, high: number): number {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	/** One item, uniformly. Throws on an empty list. */
	pick<T>(items: readonly T[]): T {
		if (items.length === 0) throw new RangeError('pick: the list is empty');
		return items[this.integer(0, items.length - 1)]!;
	}

	/** A new list in random order. */
	shuffle<T>(items: readonly T[]): T[] {
		const list = [...items];
		for (let i = list.length - 1; i > 0; i--) {
			const j = this.integer(0, i);
			[list[i], list[j]] = [list[j]!, list[i]!];
		}
		return list;
	}

	/** `count` different items in random order; all of them if there are fewer. */
	sample<T>(items: readonly T[], count: number): T[] {
		return this.shuffle(items).slice(0, count);
	}
}
