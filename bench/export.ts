import type { Benchmark } from './benchmark.ts';
import { RendererMemory } from './renderer-memory.ts';
import { withWorkbench } from './workbench-browser.ts';

/** Megabytes that an export may take beyond what the page had before. */
const limit = 300;

/** How much memory it takes to write a large dataset, which must not depend on how large it is. */
export const exportBenchmark: Benchmark = {
	name: 'export',
	async run({ quick, say }) {
		const wanted = quick ? 2_000 : 200_000;
		return withWorkbench(async (first, restart) => {
			say(`storing a run of ${wanted} rows`);
			await first.evaluate((rows) => globalThis.workbench!.fillRun(rows), wanted);
			// Chromium would let a second page share the process of the first, and what making the run left there.
			const page = await restart();
			say('writing its dataset into the private file system');
			const memory = new RendererMemory();
			let before = 0;
			page.setDefaultTimeout(0);
			await page.exposeFunction('exportStarts', () => void (before = memory.start()));
			const done = await page.evaluate(() => globalThis.exportLongRun!());
			const peak = memory.stop();
			if (done.rows < wanted) throw new Error(`the run gave ${done.rows} rows instead of ${wanted}`);
			const seconds = done.milliseconds / 1000;
			return {
				figures: [
					{
						name: 'most memory over that before',
						value: (peak - before) / 1e6,
						unit: 'MB',
						target: { atMost: limit }
					},
					{ name: 'before', value: before / 1e6, unit: 'MB' },
					{ name: 'rows', value: done.rows, unit: '' },
					{ name: 'dataset folder', value: done.bytes / 1e6, unit: 'MB' },
					{ name: 'time', value: seconds, unit: 's' },
					{ name: '  of it the first reading', value: done.read / 1000, unit: 's' },
					{
						name: '  rendering, counting and arranging',
						value: (done.arranged - done.read) / 1000,
						unit: 's'
					},
					{ name: 'speed', value: done.rows / seconds, unit: 'rows/s' }
				],
				notes: [`${done.scenarios} scenarios; SFT, KTO and DPO for TRL; rows checked for the embedded model`]
			};
		});
	}
};
