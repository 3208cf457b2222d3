import { demoUsage, readDemoOptions } from './demo-options.ts';
import { harvestCommand } from '../harvest/harvest-command.ts';

/**
 * `npm run demo`: a harvest in the real page, without a screen.
 *
 * @param pageFolder another build of the page, for tests
 * @returns the exit code
 */
export default async function demo(args: readonly string[], pageFolder?: string): Promise<number> {
	const options = readDemoOptions(args, process.env);
	if (options === undefined) {
		console.log(demoUsage);
		return 0;
	}
	return harvestCommand('demo', args, options, pageFolder);
}
