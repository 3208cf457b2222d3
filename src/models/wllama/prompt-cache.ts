import type { PromptTokens } from './prompt-tokens.ts';

/*
 * What llama.cpp holds of earlier prompts. It has no say over what it keeps and tells of it only afterwards, so its rules are followed
 * here: `get_available_slot` and `server_prompt_cache` of its server, as of the release that `wllamaVersion` names.
 *
 * - A prompt goes to the free slot that begins most like it, if that is more than a tenth of the prompt, else to the one used longest ago.
 * - If it goes there by age, or if less than half of the slot stays, what the slot held is saved first; and if something saved begins more
 *   like the prompt and loses less by it, that is taken out of the store into the slot.
 * - Then whatever of the slot does not belong to the prompt is overwritten.
 *
 * So of two branches that share more than half, each overwrites the other's end, again and again. A short request in between avoids it:
 * one that keeps less than half, which is then saved.
 */

type Tokens = readonly number[];

interface Slot {
	tokens: Tokens;
	isBusy: boolean;
}

/** A prompt that is being answered. */
export interface Place {
	/** Its tokens that the engine had. It computes the last one of a prompt in any case. */
	readonly kept: number;
	/** The engine has written a reply, or a part of one. */
	leave(reply: string): void;
}

/** A slot is like a prompt if it begins like more than this part of it. */
const similar = 0.1;
/** What a slot holds is saved if less than this part of it stays. */
const savedBelow = 0.5;
/** What is saved is taken back only if this part of it stays. */
const worthTaking = 0.25;

/** Tokens that could be computed in the time that a short request takes. */
const price = 10;
/** A prompt that begins like no other. */
const unlikeAny = '.';

export class PromptCache {
	readonly #tokens: PromptTokens;
	/** The one used longest ago first. */
	readonly #slots: Slot[];
	/** Oldest first. */
	readonly #saved: Tokens[] = [];

	/** Begins empty. @param slots as the engine has */
	constructor(slots: number, tokens: PromptTokens) {
		this.#tokens = tokens;
		this.#slots = Array.from({ length: slots }, () => ({ tokens: [], isBusy: false }));
	}

	/** Tokens in the store. The engine takes none out for age before it has 8 GiB. */
	get savedTokens(): number {
		return this.#saved.reduce((sum, { length }) => sum + length, 0);
	}

	/**
	 * What to ask for before `prompt`, so that less is computed for this prompt and less is lost for others; `undefined` if nothing is worth
	 * its time. Never anything with several slots: others may be in use meanwhile.
	 */
	preparation(prompt: string): string | undefined {
		const [slot, ...others] = this.#slots;
		if (!slot || others.length > 0) return undefined;
		const wanted = this.#tokens.encode(prompt);
		const length = slot.tokens.length;
		// As much as may stay if the whole is to be saved; with less certainty, less.
		const most = this.#tokens.isExact ? Math.ceil(length * savedBelow) - 2 : Math.floor(length * 0.4);
		const choices = [unlikeAny, this.#tokens.decode(slot.tokens.slice(0, Math.max(0, most)))];
		let best: string | undefined;
		let gain = price + this.#gain([wanted]);
		for (const choice of choices) {
			const its = this.#gain([this.#tokens.encode(choice), wanted]);
			if (its <= gain) continue;
			best = choice;
			gain = its;
		}
		return best;
	}

	/** The engine is given a prompt. @throws if no slot is free */
	begin(prompt: string): Place {
		const { slot, kept } = this.#begin(this.#tokens.encode(prompt));
		const leave = (reply: string) => this.#end(slot, [...slot.tokens, ...this.#tokens.encode(reply)]);
		return { kept, leave };
	}

	/** Tokens that the last of these prompts need not compute, less those that all of them overwrite. */
	#gain(prompts: readonly Tokens[]): number {
		const trial = new PromptCache(0, this.#tokens);
		trial.#slots.push(...this.#slots.map((slot) => ({ ...slot })));
		trial.#saved.push(...this.#saved);
		let gain = 0;
		for (const prompt of prompts) {
			const { slot, kept, lost } = trial.#begin(prompt);
			trial.#end(slot, prompt);
			gain += (prompt === prompts.at(-1) ? kept : 0) - lost;
		}
		return gain;
	}

	/** @returns how many tokens the slot had of the prompt, and how many others were overwritten */
	#begin(prompt: Tokens): { readonly slot: Slot; readonly kept: number; readonly lost: number } {
		const free = this.#slots.filter(({ isBusy }) => !isBusy);
		const shared = (slot: Slot) => common(slot.tokens, prompt);
		const like = free.filter((slot) => shared(slot) > similar * prompt.length);
		const slot = like.length > 0 ? like.reduce((a, b) => (shared(b) > shared(a) ? b : a)) : free[0];
		if (!slot) throw new Error('llama.cpp was given more prompts at once than it has slots.');
		let held = slot.tokens;
		let isSaved = false;
		if (held.length > 0 && (like.length === 0 || shared(slot) < savedBelow * held.length)) {
			this.#save(held);
			const better = this.#takeBack(held, prompt);
			isSaved = !better;
			held = better ?? held;
		}
		const kept = common(held, prompt);
		slot.tokens = prompt;
		slot.isBusy = true;
		return { slot, kept, lost: isSaved ? 0 : held.length - kept };
	}

	#end(slot: Slot, tokens: Tokens): void {
		slot.tokens = tokens;
		slot.isBusy = false;
		this.#slots.splice(this.#slots.indexOf(slot), 1);
		this.#slots.push(slot);
	}

	#save(tokens: Tokens): void {
		if (this.#saved.some((saved) => common(saved, tokens) === tokens.length)) return;
		const others = this.#saved.filter((saved) => common(saved, tokens) < saved.length);
		this.#saved.splice(0, Infinity, ...others, tokens);
	}

	/** Out of the store, what fits a prompt better than what its slot holds. */
	#takeBack(held: Tokens, prompt: Tokens): Tokens | undefined {
		let shared = common(held, prompt);
		let stays = shared / held.length;
		let best: Tokens | undefined;
		for (const saved of this.#saved) {
			const its = common(saved, prompt);
			const itsStays = its / saved.length;
			if (itsStays < worthTaking || itsStays <= stays || its <= shared) continue;
			best = saved;
			shared = its;
			stays = itsStays;
		}
		if (best) this.#saved.splice(this.#saved.indexOf(best), 1);
		return best;
	}
}

function common(a: Tokens, b: Tokens): number {
	let length = 0;
	while (length < a.length && length < b.length && a[length] === b[length]) length++;
	return length;
}
