import { ensureChromium } from '../../scripts/chromium.ts';
import { ensurePage } from '../../scripts/page-build.ts';
import { servePage } from '../../scripts/serve-page.ts';
import { demoUsage, readDemoOptions } from './demo-options.ts';
import { harvestRun } from './harvest-run.ts';
import { howToContinue, interrupted, interruptible } from './interruption.ts';
import { OutFolder } from './out-folder.ts';
import { ProgressDisplay } from './progress-display.ts';
import { summaryLine, summaryTable } from './summary-table.ts';

/**
 * `npm run demo`: a harvest in the real page, without a screen.
 *
 * @param pageFolder another build of the page, for tests
 * @returns the exit code
 */
export default async function demo(args: readonly string[], pageFolder?: string): Promise<number> {
	const options = readDemoOptions(args);
	if (options === undefined) {
		console.log(demoUsage);
		return 0;
	}
	const folder = await OutFolder.open(options.out);
	const chromium = ensureChromium();
	const page = await servePage(pageFolder ?? ensurePage(), 0);
	const display = new ProgressDisplay(process.stderr);
	const continued = folder.record === undefined ? '' : `, continued from ${folder.steps} steps`;
	display.note(
		`Harvesting ${options.scenarios} ${options.split} scenarios with ${options.workers} workers into ${options.out}${continued}`
	);
	try {
		const summary = await interruptible(
			() => display.note('pausing; what is done is kept'),
			(signal) => harvestRun(options, { url: page.url, chromium, folder, display, signal })
		);
		display.end();
		if (summary === undefined) {
			display.note(`Paused after ${folder.steps} steps. ${howToContinue('demo', args)}`);
			return interrupted;
		}
		console.log(`${summaryTable(summary)}\n\nWritten to ${options.out}`);
		console.log(summaryLine(summary));
		return 0;
	} catch (error) {
		display.end();
		if (folder.steps > 0 && !(error instanceof Error && error.name === 'UsageError')) {
			display.note(
				`The ${folder.steps} steps so far are kept in ${options.out}. ${howToContinue('demo', args)}`
			);
		}
		throw error;
	} finally {
		await page.close();
	}
}
