import { Random } from '../base/random.ts';

/** A figure with its 95 % interval; of nothing there is none, and `reason` says what was missing. */
export type Estimate =
	| { readonly value: number; readonly low: number; readonly high: number }
	| { readonly value: null; readonly low: null; readonly high: null; readonly reason: string };

const resamples = 10_000;

/**
 * A percentile bootstrap over scenarios: scenarios are drawn with repetition, all trials of one together, since trials of one scenario
 * are alike.
 * @param groups one entry for each scenario
 * @param statistic of the groups drawn; a draw without a finite statistic is left out
 * @param reason why all groups together may have none
 */
export function bootstrap<Group>(
	groups: readonly Group[],
	statistic: (drawn: readonly Group[]) => number,
	reason: string
): Estimate {
	const value = statistic(groups);
	if (!Number.isFinite(value)) return { value: null, low: null, high: null, reason };
	const random = new Random('bootstrap', groups.length);
	const values: number[] = [];
	const drawn = new Array<Group>(groups.length);
	for (let resample = 0; resample < resamples; resample++) {
		for (let i = 0; i < groups.length; i++) drawn[i] = groups[random.integer(0, groups.length - 1)]!;
		const one = statistic(drawn);
		if (Number.isFinite(one)) values.push(one);
	}
	values.sort((a, b) => a - b);
	return { value, low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** Linear interpolation between order statistics; `sorted` ascending. NaN of nothing. */
export function quantile(sorted: readonly number[], q: number): number {
	if (sorted.length === 0) return NaN;
	const position = (sorted.length - 1) * q;
	const below = Math.floor(position);
	const [a, b] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
	return a + (b - a) * (position - below);
}

/** NaN of nothing. */
export function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * pass^k of one scenario (tau-bench): the chance that `k` of its `trials` drawn without repetition are all successes. NaN if there
 * are fewer than `k` trials.
 */
export function passHat(k: number, successes: number, trials: number): number {
	if (trials < k) return NaN;
	let chance = 1;
	for (let i = 0; i < k; i++) chance *= Math.max(0, successes - i) / (trials - i);
	return chance;
}
