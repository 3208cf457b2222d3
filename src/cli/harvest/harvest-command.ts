import { harvest, HarvestError } from './harvest.ts';
import type { HarvestOptions } from './harvest-options.ts';
import { howToContinue, interrupted, interruptible } from '../interruption.ts';
import { areOnServers } from '../model-flags.ts';
import { serverRun } from './server-run.ts';
import { report } from '../summary-table.ts';

/**
 * What `npm run demo` and `npm run harvest` do once their flags are read.
 *
 * @param args of the command, to be told how to go on
 * @param pageFolder another build of the page, for tests
 * @returns the exit code
 */
export async function harvestCommand(
	command: 'demo' | 'harvest',
	args: readonly string[],
	options: HarvestOptions,
	pageFolder?: string
): Promise<number> {
	const kept = (steps: number) =>
		console.error(`The ${steps} steps so far are kept in ${options.out}. ${howToContinue(command, args)}`);
	const needs = { screen: process.stderr, ...(pageFolder !== undefined && { pageFolder }) };
	try {
		const { summary, failure, steps } = await interruptible(
			() => console.error('pausing; what is done is kept'),
			(signal) => {
				const run = areOnServers(options.models) ? serverRun : harvest;
				return run(options, { ...needs, signal });
			}
		);
		if (failure !== undefined) {
			console.error(`The run stopped: ${failure}`);
			kept(steps);
			return 1;
		}
		if (summary === undefined) {
			console.error(`Paused after ${steps} steps. ${howToContinue(command, args)}`);
			return interrupted;
		}
		return report(summary, `Written to ${options.out}`);
	} catch (error) {
		if (error instanceof HarvestError) kept(error.steps);
		throw error;
	}
}
