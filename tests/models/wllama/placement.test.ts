import { describe, expect, it } from 'vitest';
import { placement, slotsFor } from '../../../src/models/wllama/placement.ts';

const MB = 2 ** 20;
const isolated = { crossOriginIsolated: true };

describe('workers and threads', () => {
	it.each([
		['a copy for each core but one of a small model', 20 * MB, 8, { workers: 7, threads: 1 }],
		['copies in bounded memory', 250 * MB, 16, { workers: 5, threads: 1 }],
		['one copy with all cores but one of a large model', 1500 * MB, 8, { workers: 1, threads: 7 }],
		['one of each on one core', 20 * MB, 1, { workers: 1, threads: 1 }],
		['one of each on one core, of a large model', 1500 * MB, 1, { workers: 1, threads: 1 }]
	])('%s', (_, bytes, cores, expected) => {
		expect(placement({ bytes, cores, ...isolated })).toEqual(expected);
	});

	it('one thread where threads cannot share memory', () => {
		const page = { cores: 8, crossOriginIsolated: false };
		expect(placement({ bytes: 1500 * MB, ...page })).toEqual({ workers: 1, threads: 1 });
		expect(placement({ bytes: 20 * MB, ...page })).toEqual({ workers: 7, threads: 1 });
	});
});

describe('slots', () => {
	// 0.1 MB a token and 2000 tokens: 200 MB a slot.
	const model = { bytes: 1000 * MB, cacheBytesPerToken: MB / 10, contextTokens: 2000 };

	it.each([
		[1450, 2],
		[1999, 4],
		[2000, 5],
		[100_000, 8],
		[1100, 1],
		[500, 1]
	])('in %i MB: %i', (budget, slots) => {
		expect(slotsFor({ ...model, budget: budget * MB })).toBe(slots);
	});

	it('in 4 GiB unless told otherwise', () => {
		expect(slotsFor({ ...model, contextTokens: 8000 })).toBe(3);
	});
});
