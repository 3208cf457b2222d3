import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrap, mean, passHat, quantile } from '../../src/evaluation/statistics.ts';

describe('bootstrap', () => {
	it('agrees with the normal interval of a mean', () => {
		const values = Array.from({ length: 400 }, (_, i) => (i % 5 < 2 ? 1 : 0));
		const { value, low, high } = bootstrap(values, mean, 'none');
		expect(value).toBeCloseTo(0.4, 10);
		const half = 1.96 * Math.sqrt((0.4 * 0.6) / 400);
		expect(low).toBeCloseTo(0.4 - half, 2);
		expect(high).toBeCloseTo(0.4 + half, 2);
	});

	it('gives the same interval for the same values, and none for a constant', () => {
		const values = [0, 1, 1, 0, 1];
		expect(bootstrap(values, mean, 'none')).toEqual(bootstrap(values, mean, 'none'));
		expect(bootstrap([2, 2, 2], mean, 'none')).toEqual({ value: 2, low: 2, high: 2 });
	});
});

describe('pass^k', () => {
	it('is the share of k-subsets without a failure', () => {
		expect(passHat(1, 3, 4)).toBeCloseTo(0.75);
		expect(passHat(2, 3, 4)).toBeCloseTo(3 / 6);
		expect(passHat(4, 3, 4)).toBe(0);
		expect(passHat(5, 4, 4)).toBeNaN();
	});

	it('never rises with k', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(12), (trials, wins) => {
				const successes = Math.min(wins, trials);
				for (let k = 2; k <= trials; k++) {
					expect(passHat(k, successes, trials)).toBeLessThanOrEqual(
						passHat(k - 1, successes, trials) + 1e-12
					);
				}
			})
		);
	});
});

it('quantiles interpolate', () => {
	expect(quantile([0, 10], 0.25)).toBe(2.5);
	expect(quantile([3], 0.9)).toBe(3);
	expect(quantile([], 0.5)).toBeNaN();
});
