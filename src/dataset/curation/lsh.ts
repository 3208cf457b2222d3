import { mix32 } from '../../base/hash.ts';
import { isSimilar, signatureLength } from './minhash.ts';

/** Least chance that two signatures as similar as the threshold are compared at all. */
const recall = 0.99;

/** Most signatures that one band compares with: in a crowd a similar one may be missed, but time stays linear. */
const longestChain = 32;

/**
 * Finds similar signatures without comparing all with all: locality-sensitive hashing by bands (Indyk and Motwani 1998). A signature is
 * cut into bands of `#rows` values; those that share a band are compared. Memory is `4 · bands` bytes a signature, and as much again or
 * up to twice that for the table.
 */
export class LshIndex {
	readonly #threshold: number;
	readonly #rows: number;
	readonly #bands: number;
	readonly #signatures: Uint16Array[] = [];
	/** For each slot of the table the entry put there last, and for each entry the one before it; 0 for none. An entry is a signature in a band. */
	readonly #heads: Int32Array;
	readonly #before: Int32Array;
	/** Of the signature in hand, one a band. */
	readonly #slots: Uint32Array;

	/**
	 * @param capacity most signatures that will be added
	 * @param threshold least agreement of what counts as similar, from 0 to 1
	 */
	constructor(capacity: number, threshold: number) {
		this.#threshold = threshold;
		this.#rows = rowsOfBand(threshold);
		this.#bands = Math.floor(signatureLength / this.#rows);
		const entries = capacity * this.#bands;
		this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(entries + 1)));
		this.#before = new Int32Array(entries + 1);
		this.#slots = new Uint32Array(this.#bands);
	}

	/** Number of a similar signature that was added before, counted from 0; if there is none, this one is added. */
	findOrAdd(signature: Uint16Array): number | undefined {
		for (let band = 0; band < this.#bands; band++) {
			const slot = this.#slotOf(signature, band);
			this.#slots[band] = slot;
			let entry = this.#heads[slot]!;
			for (let steps = 0; entry !== 0 && steps < longestChain; steps++) {
				const number = Math.floor((entry - 1) / this.#bands);
				if (isSimilar(signature, this.#signatures[number]!, this.#threshold)) return number;
				entry = this.#before[entry]!;
			}
		}
		const first = this.#signatures.push(signature) * this.#bands - this.#bands + 1;
		for (const [band, slot] of this.#slots.entries()) {
			this.#before[first + band] = this.#heads[slot]!;
			this.#heads[slot] = first + band;
		}
		return undefined;
	}

	#slotOf(signature: Uint16Array, band: number): number {
		let hash = band;
		for (let i = band * this.#rows; i < (band + 1) * this.#rows; i++) hash = mix32(hash ^ signature[i]!);
		return hash & (this.#heads.length - 1);
	}
}

/** The most selective bands that still bring what is as similar as `threshold` together. */
function rowsOfBand(threshold: number): number {
	let rows = 1;
	while (rows < signatureLength && chanceToMeet(threshold, rows + 1) >= recall) rows++;
	return rows;
}

function chanceToMeet(similarity: number, rows: number): number {
	return 1 - (1 - similarity ** rows) ** Math.floor(signatureLength / rows);
}
