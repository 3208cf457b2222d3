import { cpus } from 'node:os';
import { chromium, type Page } from 'playwright-core';
import { chromiumArgs, ensureChromium } from '../scripts/chromium.ts';
import { ensurePage } from '../scripts/page-build.ts';
import { servePage } from '../scripts/serve-page.ts';
import '../src/app/automation-api.ts';
import { createRunConfig, defaultWorkers, firstScenarios } from '../src/run/config.ts';
import type { Benchmark } from './benchmark.ts';

/** Milliseconds that a task may hold up the page, and that may pass between two frames. */
const limit = 50;
/** Milliseconds between two frames of a screen with 60 a second. */
const frame = 1000 / 60;

interface Fluency {
	/** Milliseconds of tasks of more than 50 ms, which is what browsers tell of. */
	readonly longTasks: readonly number[];
	/** Milliseconds between frames. */
	readonly gaps: readonly number[];
	readonly steps: number;
}

/** How fluent the page is that shows a run while it runs. */
export const pageBenchmark: Benchmark = {
	name: 'page',
	async run({ quick }) {
		const workers = defaultWorkers(cpus().length);
		const served = await servePage(ensurePage(), 0);
		const context = await chromium.launchPersistentContext('', {
			executablePath: ensureChromium(),
			args: chromiumArgs,
			viewport: { width: 1440, height: 900 }
		});
		try {
			const page = await context.newPage();
			const { longTasks, gaps, steps } = await watchRun(page, served.url, workers, quick ? 15_000 : 60_000);
			const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / frame) - 1), 0);
			const longest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);
			return {
				figures: [
					{
						name: 'longest task of the main thread (0: none above 50 ms)',
						value: longest(longTasks),
						unit: 'ms',
						target: { atMost: limit }
					},
					{ name: 'tasks above 50 ms', value: longTasks.length, unit: '' },
					{ name: 'longest wait for a frame', value: longest(gaps), unit: 'ms', target: { atMost: limit } },
					{ name: 'frames dropped', value: (100 * dropped) / (gaps.length + dropped), unit: '%' }
				],
				notes: [`${gaps.length} frames, ${steps} steps, ${workers} workers, the tree on screen all the time`]
			};
		} finally {
			await context.close().catch(() => undefined);
			await served.close();
		}
	}
};

async function watchRun(page: Page, url: string, workers: number, duration: number): Promise<Fluency> {
	await page.goto(url);
	await page.waitForFunction(() => globalThis.joshtree !== undefined);
	await page.evaluate(() => globalThis.joshtree!.ready);
	const environment = await page.evaluate(() => globalThis.joshtree!.service.environment());
	const config = createRunConfig({ ...firstScenarios(environment, 'train', 20 * workers), seed: 1 });
	const id = await page.evaluate(
		async (config) => (await globalThis.joshtree!.service.create(JSON.parse(config))).id,
		JSON.stringify(config)
	);
	// The list of runs is read when the page is loaded.
	await page.goto(`${url}/#run=${id}`);
	await page.reload();
	await page.waitForFunction(() => globalThis.joshtree !== undefined);
	await page.evaluate(() => globalThis.joshtree!.ready);
	// Opening the page is not what is measured.
	await page.waitForTimeout(1000);
	return page.evaluate(
		async ({ id, workers, duration }) => {
			const { service } = globalThis.joshtree!;
			const longTasks: number[] = [];
			const gaps: number[] = [];
			const run = service.start(id, { workers });
			const observer = new PerformanceObserver((list) => {
				for (const entry of list.getEntries()) longTasks.push(entry.duration);
			});
			observer.observe({ type: 'longtask' });
			let last: number | undefined;
			for (const end = performance.now() + duration; performance.now() < end;) {
				const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
				if (last !== undefined) gaps.push(now - last);
				last = now;
			}
			observer.disconnect();
			const steps = (await service.events(id)).length;
			await service.pause();
			await run;
			return { longTasks, gaps, steps };
		},
		{ id, workers, duration }
	);
}
