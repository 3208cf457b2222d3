import { demoUsage, readDemoOptions } from './demo-options.ts';
import { harvest, HarvestError } from './harvest.ts';
import { howToContinue, interrupted, interruptible } from './interruption.ts';
import { report } from './summary-table.ts';

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
	try {
		const { summary, steps } = await interruptible(
			() => console.error('pausing; what is done is kept'),
			(signal) =>
				harvest(options, {
					screen: process.stderr,
					signal,
					...(pageFolder !== undefined && { pageFolder })
				})
		);
		if (summary === undefined) {
			console.error(`Paused after ${steps} steps. ${howToContinue('demo', args)}`);
			return interrupted;
		}
		return report(summary, `Written to ${options.out}`);
	} catch (error) {
		if (error instanceof HarvestError) {
			console.error(
				`The ${error.steps} steps so far are kept in ${options.out}. ${howToContinue('demo', args)}`
			);
		}
		throw error;
	}
}
