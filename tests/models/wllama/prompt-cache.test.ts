import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { PromptCache } from '../../../src/models/wllama/prompt-cache.ts';
import type { PromptTokens } from '../../../src/models/wllama/prompt-tokens.ts';

/** Every character is a token. */
const characters: PromptTokens = {
	encode: (text) => [...text].map((character) => character.codePointAt(0)!),
	decode: (tokens) => String.fromCodePoint(...tokens),
	isExact: true
};

const cacheOf = (slots = 1) => new PromptCache(slots, characters);

/** Asks, after whatever should be asked before. @returns tokens that had to be computed, those of the preparation too */
function ask(cache: PromptCache, prompt: string, reply = '', prepare = true): number {
	const first = prepare ? cache.preparation(prompt) : undefined;
	return (first === undefined ? 0 : computed(cache, first, '')) + computed(cache, prompt, reply);
}

function computed(cache: PromptCache, prompt: string, reply: string): number {
	const place = cache.begin(prompt);
	place.leave(reply);
	return prompt.length - Math.min(place.kept, prompt.length - 1);
}

/** A system message of 60 characters and two branches of 50 from there. */
const system = 's'.repeat(60);
const [left, right] = [system + 'l'.repeat(50), system + 'r'.repeat(50)];

describe('what llama.cpp is thought to hold', () => {
	it('is the prompt with its reply', () => {
		const cache = cacheOf();
		expect(cache.begin('hello').kept).toBe(0);
		const again = cacheOf();
		again.begin('hello').leave(' you');
		expect(again.begin('hello you, too').kept).toBe(9);
	});

	it('is saved when less than half of it stays, and taken back', () => {
		const cache = cacheOf();
		cache.begin(left).leave('');
		cache.begin('x'.repeat(100)).leave('');
		expect(cache.savedTokens).toBe(left.length);
		const back = cache.begin(`${left}more`);
		expect(back.kept).toBe(left.length);
		back.leave('');
		expect(cache.savedTokens).toBe(100);
	});

	it('is overwritten by what shares more than half', () => {
		const cache = cacheOf();
		cache.begin(left).leave('');
		cache.begin(right).leave('');
		expect(cache.savedTokens).toBe(0);
		expect(cache.begin(`${left}more`).kept).toBe(system.length);
	});

	it('is in each slot something else', () => {
		const cache = cacheOf(2);
		const first = cache.begin(left);
		cache.begin('x'.repeat(100)).leave('');
		first.leave('');
		expect(() => [1, 2, 3].map(() => cache.begin(right))).toThrow('more prompts at once');
		const other = cacheOf(2);
		other.begin(left).leave('');
		other.begin('x'.repeat(100)).leave('');
		expect(other.savedTokens).toBe(0);
		expect(other.begin(`${left}more`).kept).toBe(left.length);
	});
});

describe('preparations', () => {
	it('save one of two branches before the other overwrites it', () => {
		const cache = cacheOf();
		ask(cache, left);
		const first = cache.preparation(right)!;
		expect(left.startsWith(first)).toBe(true);
		expect(first.length).toBeLessThan(left.length / 2);
		ask(cache, right);
		expect(ask(cache, `${left}m`)).toBeLessThan(5);
	});

	it('bring back a branch that is saved', () => {
		const cache = cacheOf();
		const user = 'u'.repeat(80);
		for (const prompt of [left, right, user, `${left}m`]) ask(cache, prompt);
		expect(ask(cache, `${right}m`)).toBeLessThan(5);
	});

	it('are not made for nothing', () => {
		const cache = cacheOf();
		expect(cache.preparation(left)).toBeUndefined();
		ask(cache, left);
		for (const prompt of [left, `${left}more`, 'x'.repeat(100), left.slice(0, -5)])
			expect(cache.preparation(prompt)).toBeUndefined();
	});

	it('are not made with several slots', () => {
		const cache = cacheOf(2);
		for (const prompt of [left, 'x'.repeat(100)]) cache.begin(prompt).leave('');
		expect(cache.preparation(right)).toBeUndefined();
	});

	it('make searches cheaper', () => {
		const random = new Random(1);
		let [plain, prepared] = [0, 0];
		for (let n = 0; n < 50; n++) {
			// Eight branches that go on in turns, two roles each, as a beam search asks.
			const prefix = random.integer(40, 200);
			const turns = Array.from({ length: random.integer(2, 6) }, () =>
				Array.from({ length: 8 }, () => random.integer(5, 40))
			);
			const search = (prepare: boolean) => {
				const cache = cacheOf();
				const branches = Array.from({ length: 8 }, () => '');
				let sum = 0;
				for (const [step, lengths] of turns.entries()) {
					for (const role of ['a', 'u']) {
						for (const [branch, length] of lengths.entries()) {
							branches[branch] += String.fromCodePoint(1000 + step * 100 + branch).repeat(length);
							sum += ask(cache, role.repeat(prefix) + branches[branch], '', prepare);
						}
					}
				}
				return sum;
			};
			const [without, withThem] = [search(false), search(true)];
			expect(withThem).toBeLessThan(without * 1.1);
			plain += without;
			prepared += withThem;
		}
		expect(prepared).toBeLessThan(plain * 0.8);
	});
});
