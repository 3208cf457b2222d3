import { emptyPrompt, type Prompt } from './prompt.ts';

/** Prefixes of prompts, by their hashes: the chunks that come next. All prefixes of a prefix here are here. */
type Prefixes = Map<number, string[]>;

/** What a prompt has in common with those of a tree. */
interface Overlap {
	readonly shared: number;
	readonly held: number;
}

/**
 * Prompts, their common beginnings held once: what the cache of a worker is thought to hold. It forgets the prompts that are
 * longest ago.
 */
export class PromptTree {
	readonly #limit: number;
	#latest = noPrefixes();
	#earlier = noPrefixes();
	#count = 0;
	#last = emptyPrompt;
	/** As long as the tree stays as it is: a request waits while many others are dispatched, and each time all trees are asked. */
	#overlaps = new WeakMap<Prompt, Overlap>();

	/** @param limit prompts that are remembered; up to twice as many for a while */
	constructor(limit: number) {
		this.#limit = limit;
	}

	add(prompt: Prompt): void {
		this.#last = prompt;
		this.#overlaps = new WeakMap();
		if (++this.#count > this.#limit) {
			this.#earlier = this.#latest;
			this.#latest = noPrefixes();
			this.#count = 1;
		}
		const { chunks, prefixes } = prompt;
		for (let depth = knownDepth(this.#latest, prompt); depth < chunks.length; depth++) {
			this.#latest.get(prefixes[depth]!)!.push(chunks[depth]!);
			this.#latest.set(prefixes[depth + 1]!, []);
		}
	}

	/** Characters that a prompt has in common, at its start, with the one that was added last. */
	held(prompt: Prompt): number {
		return this.#overlap(prompt).held;
	}

	/** The most characters that a prompt has in common, at its start, with one of those here. */
	shared(prompt: Prompt): number {
		return this.#overlap(prompt).shared;
	}

	#overlap(prompt: Prompt): Overlap {
		let overlap = this.#overlaps.get(prompt);
		if (!overlap) {
			overlap = {
				shared: Math.max(sharedWith(this.#latest, prompt), sharedWith(this.#earlier, prompt)),
				held: heldOf(this.#last, prompt)
			};
			this.#overlaps.set(prompt, overlap);
		}
		return overlap;
	}
}

/** Only the prefix that all prompts have. */
function noPrefixes(): Prefixes {
	return new Map([[emptyPrompt.prefixes[0]!, []]]);
}

function sharedWith(known: Prefixes, prompt: Prompt): number {
	const depth = knownDepth(known, prompt);
	const others = known.get(prompt.prefixes[depth]!)!;
	return prompt.lengths[depth]! + mostEqual(prompt.chunks[depth], others);
}

function heldOf(last: Prompt, prompt: Prompt): number {
	const depth = greatestDepth(
		Math.min(last.chunks.length, prompt.chunks.length),
		(depth) => last.prefixes[depth] === prompt.prefixes[depth]
	);
	const next = last.chunks[depth];
	return prompt.lengths[depth]! + mostEqual(prompt.chunks[depth], next === undefined ? [] : [next]);
}

/** Chunks at the start of a prompt that are known. */
function knownDepth(known: Prefixes, { chunks, prefixes }: Prompt): number {
	return greatestDepth(chunks.length, (depth) => known.has(prefixes[depth]!));
}

/** The greatest depth up to `most` of which something is true, if it is true of 0 and, with a depth, of all that are less. */
function greatestDepth(most: number, isTrue: (depth: number) => boolean): number {
	let least = 0;
	while (least < most) {
		const middle = Math.ceil((least + most) / 2);
		if (isTrue(middle)) least = middle;
		else most = middle - 1;
	}
	return least;
}

/** The most characters that a chunk, if there is one, has in common, at its start, with one of several. */
function mostEqual(chunk: string | undefined, others: readonly string[]): number {
	if (chunk === undefined) return 0;
	let most = 0;
	for (const other of others) {
		// Hundreds of conversations may part at one place; one that differs here already has no more in common than another.
		if (other.charCodeAt(most) === chunk.charCodeAt(most))
			most = Math.max(most, equalCharacters(chunk, other));
	}
	return most;
}

function equalCharacters(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	let same = 0;
	while (same < length && a.charCodeAt(same) === b.charCodeAt(same)) same++;
	return same;
}
