import { harvestServersUsage, readHarvestServersOptions } from './harvest-servers-options.ts';
import { howToContinue, interrupted, interruptible } from './interruption.ts';
import { serverRun } from './server-run.ts';
import { report } from './summary-table.ts';

/**
 * `npm run harvest`: a harvest from models on servers, in this process.
 *
 * @returns the exit code
 */
export default async function harvestServers(args: readonly string[]): Promise<number> {
	const options = readHarvestServersOptions(args, process.env);
	if (options === undefined) {
		console.log(harvestServersUsage);
		return 0;
	}
	const { summary, failure, steps } = await interruptible(
		() => console.error('pausing; what is done is kept'),
		(signal) => serverRun(options, { screen: process.stderr, signal })
	);
	if (failure !== undefined) {
		console.error(`The run stopped: ${failure}`);
		console.error(`The ${steps} steps so far are kept in ${options.out}. ${howToContinue('harvest', args)}`);
		return 1;
	}
	if (summary === undefined) {
		console.error(`Paused after ${steps} steps. ${howToContinue('harvest', args)}`);
		return interrupted;
	}
	return report(summary, `Written to ${options.out}`);
}
