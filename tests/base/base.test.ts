import { describe, expect, it } from 'vitest';
import { fnv1a32, seedOf, sha256 } from '../../src/base/hash.ts';
import { Random } from '../../src/base/random.ts';

describe('hashes', () => {
	it('follow the published test values', async () => {
		expect(fnv1a32('')).toBe(2166136261);
		expect(fnv1a32('foobar')).toBe(0xbf9cf968);
		expect(await sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
	});

	it('tell the parts of a seed apart', () => {
		const seeds = [
			seedOf('ab'),
			seedOf('a', 'b'),
			seedOf('a', 'b', ''),
			seedOf(1, 2),
			seedOf('1', 2),
			seedOf(12)
		];
		expect(new Set(seeds).size).toBe(seeds.length);
	});
});

describe('random draws', () => {
	it('repeat with the seed and differ without it', () => {
		const draws = (seed: number) =>
			Array.from(
				{ length: 8 },
				(
					(random) => () =>
						random.uint32()
				)(new Random(seed))
			);
		expect(draws(1)).toEqual(draws(1));
		expect(draws(1)).not.toEqual(draws(2));
	});

	it('are even enough and stay in bounds', () => {
		const random = new Random('even');
		const counts = new Array<number>(6).fill(0);
		for (let i = 0; i < 6000; i++) counts[random.integer(0, 5)]!++;
		for (const count of counts) expect(count).toBeGreaterThan(850);
		expect(random.shuffle([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
		expect(random.sample([1, 2, 3], 2)).toHaveLength(2);
		expect(() => random.pick([])).toThrow('empty');
	});
});
