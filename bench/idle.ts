import { cpus } from 'node:os';
import { defaultWorkers } from '../src/run/config.ts';
import type { Benchmark } from './benchmark.ts';
import type { Observation } from './page/workbench.ts';
import { observe, withWorkbench } from './workbench-browser.ts';

/** The share of their time that workers wait for work while there is enough of it. */
export const idleBenchmark: Benchmark = {
	name: 'idle',
	async run({ quick }) {
		const workers = defaultWorkers(cpus().length);
		const scenarios = quick ? 3 * workers : 8 * workers;
		const beam = quick ? 2 : 8;
		const seen = await withWorkbench((page) => observe(page, { scenarios, beam, seed: 1, workers }));
		const end = endOfPlenty(seen, scenarios, workers);
		const idle = 1 - busyUntil(seen, end) / (workers * end);
		const whole = 1 - busyUntil(seen, seen.duration) / (workers * seen.duration);
		return {
			figures: [
				{
					name: 'idle while two scenarios a worker are unfinished',
					value: idle * 100,
					unit: '%',
					target: { atMost: 5 }
				},
				{ name: 'idle in the whole run', value: whole * 100, unit: '%' },
				{ name: 'that while', value: end / 1000, unit: 's' },
				{ name: 'whole run', value: seen.duration / 1000, unit: 's' }
			],
			notes: [`${scenarios} scenarios at beam ${beam}, ${workers} workers`]
		};
	}
};

/** Milliseconds until fewer than two scenarios a worker were left. */
function endOfPlenty({ finished }: Observation, scenarios: number, workers: number): number {
	return finished[scenarios - 2 * workers]!;
}

function busyUntil({ workers }: Observation, end: number): number {
	let busy = 0;
	for (const { began, ended } of workers.flat())
		busy += Math.max(0, Math.min(ended, end) - Math.max(0, began));
	return busy;
}
