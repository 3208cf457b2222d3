import { cpus } from 'node:os';
import type { Page } from 'playwright-core';
import type { Benchmark, Figure } from './benchmark.ts';
import { observe, withWorkbench } from './workbench-browser.ts';
import type { Observation } from './page/workbench.ts';

/** Tokens a second of K workers over K times those of one, on the same kind of work. */
export const poolBenchmark: Benchmark = {
	name: 'pool',
	async run({ quick, say }) {
		const cores = cpus().length;
		// Two cores: the benchmark asks for two workers, though the app would start one.
		const most = cores === 2 ? 2 : Math.max(1, cores - 1);
		const counts = quick ? [most] : Array.from({ length: most - 1 }, (_, i) => i + 2);
		const target = { atLeast: cores === 2 ? 0.7 : 0.8 };
		const window = quick ? 10_000 : 60_000;
		const figures: Figure[] = [];
		await withWorkbench(async (page) => {
			const rate = (workers: number) => tokensPerSecond(page, workers, window, say);
			await rate(1); // warms up: the first run compiles the WASM and fills the disk's cache
			// One worker before and after: a machine that gets warm or busy shows.
			const before = await rate(1);
			for (const workers of counts.filter((count) => count > 1)) {
				const many = await rate(workers);
				const after = await rate(1);
				const one = (before + after) / 2;
				figures.push(
					{
						name: `${workers} workers over ${workers} times one`,
						value: many / (workers * one),
						unit: '',
						target
					},
					{ name: `  ${workers} workers`, value: many, unit: 'tokens/s' },
					{ name: '  one worker, before', value: before, unit: 'tokens/s' },
					{ name: '  one worker, after', value: after, unit: 'tokens/s' }
				);
			}
		});
		return {
			figures,
			notes: [
				`${window / 1000} s each, beam 8, ${cores} cores; completion tokens, prompts are computed in between`,
				...(most < 2 ? ['one core: there is nothing to compare'] : [])
			]
		};
	}
};

/** The rate of a run over a while in which there is enough to do for every worker. */
async function tokensPerSecond(
	page: Page,
	workers: number,
	window: number,
	say: (line: string) => void
): Promise<number> {
	say(`${workers} ${workers === 1 ? 'worker' : 'workers'}`);
	const seen = await observe(page, {
		scenarios: 40 * workers,
		beam: 8,
		seed: 1,
		workers,
		pauseAfter: window
	});
	return tokensUntil(seen, window) / (window / 1000);
}

/** Requests under way at the end count by the share of their time. */
function tokensUntil({ workers }: Observation, end: number): number {
	let tokens = 0;
	for (const { began, ended, tokens: written } of workers.flat()) {
		if (began < end) tokens += written * Math.min(1, (end - began) / (ended - began));
	}
	return tokens;
}
