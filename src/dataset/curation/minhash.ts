import { mix32 } from '../../base/hash.ts';
import { Random } from '../../base/random.ts';

/** Hash functions of a signature. The standard error of a similarity s is √(s (1 − s) / 128), at most 0.045. */
export const signatureLength = 128;

/** Letters and digits; a character that is a word by itself where words are not parted by spaces. */
const words = /\p{Ideographic}|[\p{L}\p{M}\p{N}]+/gu;

// x → (x ^ mask) · factor, a bijection of 32 bits. Fixed: what is similar must not depend on the seed of a dataset.
const random = new Random('minhash');
const masks = Uint32Array.from({ length: signatureLength }, () => random.uint32());
const factors = Uint32Array.from({ length: signatureLength }, () => random.uint32() | 1);

/**
 * MinHash signature of a text in parts, `signatureLength` values of 16 bits each (b-bit minwise hashing, Li and König 2010). Two agree in
 * a place with a probability that is the product, over the parts, of the share of equal word triples (Jaccard).
 */
export function signatureOf(parts: readonly string[]): Uint16Array {
	const signature = new Uint32Array(signatureLength);
	for (const text of parts) {
		const triples = tripleHashes(text);
		for (let i = 0; i < signatureLength; i++) {
			const mask = masks[i]!;
			const factor = factors[i]!;
			let least = 0xffffffff;
			for (let j = 0; j < triples.length; j++) {
				const value = Math.imul(triples[j]! ^ mask, factor) >>> 0;
				if (value < least) least = value;
			}
			signature[i] = mix32(signature[i]! + mix32(least));
		}
	}
	return Uint16Array.from(signature);
}

/** Do two signatures agree in at least the share `threshold` of their places? That estimates the similarity of their texts. */
export function isSimilar(a: Uint16Array, b: Uint16Array, threshold: number): boolean {
	let spare = signatureLength - Math.ceil(threshold * signatureLength);
	for (let i = 0; i < signatureLength; i++) if (a[i] !== b[i] && --spare < 0) return false;
	return true;
}

/** Hashes of all three words in a row; fewer words are one hash. */
function tripleHashes(text: string): Uint32Array {
	const hashes = Array.from(text.toLowerCase().matchAll(words), ([word]) => wordHash(word));
	const triples = new Uint32Array(Math.max(1, hashes.length - 2));
	for (let i = 0; i < triples.length; i++) {
		let hash = 0;
		for (let j = i; j < Math.min(i + 3, hashes.length); j++) hash = mix32(hash ^ hashes[j]!);
		triples[i] = hash;
	}
	return triples;
}

/** Over UTF-16 units: encoding each word as UTF-8 first would take most of the time. */
function wordHash(word: string): number {
	let hash = word.length;
	for (let i = 0; i < word.length; i++) hash = mix32(hash ^ word.charCodeAt(i));
	return hash;
}
