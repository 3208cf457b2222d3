import { harvestCommand } from './harvest-command.ts';
import { harvestServersUsage, readHarvestServersOptions } from './harvest-servers-options.ts';

/**
 * `npm run harvest`: a harvest from models on servers, in this process; from others, in the page.
 *
 * @returns the exit code
 */
export default async function harvestServers(args: readonly string[]): Promise<number> {
	const options = readHarvestServersOptions(args, process.env);
	if (options === undefined) {
		console.log(harvestServersUsage);
		return 0;
	}
	return harvestCommand('harvest', args, options);
}
