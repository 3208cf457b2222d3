import { cpus } from 'node:os';
import { defaultWorkers } from '../src/run/config.ts';
import type { Benchmark } from './benchmark.ts';
import { observe, withWorkbench } from './workbench-browser.ts';

/** Prompt tokens really processed over the least possible, on a recorded run. */
export const prefixBenchmark: Benchmark = {
	name: 'prefix',
	async run({ quick }) {
		const workers = quick ? 2 : defaultWorkers(cpus().length);
		const scenarios = quick ? 4 : 16;
		const { prefix } = await withWorkbench((page) =>
			observe(page, { scenarios, beam: 8, seed: 1, workers, prefix: true })
		);
		const { processed, distinct, systemPrefix, promptTokens, lostToRouting, lostByEngine } = prefix!;
		const least = distinct + systemPrefix * workers;
		return {
			figures: [
				{ name: 'processed / least possible', value: processed / least, unit: '', target: { atMost: 1.25 } },
				{ name: 'prompt tokens', value: promptTokens, unit: 'tokens' },
				{ name: 'processed', value: processed, unit: 'tokens' },
				{ name: 'least possible', value: least, unit: 'tokens' },
				{ name: 'lost to routing', value: lostToRouting, unit: 'tokens' },
				{ name: 'lost by engines', value: lostByEngine, unit: 'tokens' }
			],
			notes: [`${scenarios} scenarios at beam 8, ${prefix!.requests} requests, ${workers} workers`]
		};
	}
};
