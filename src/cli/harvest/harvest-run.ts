import { createRunConfig } from '../../run/config.ts';
import type { HarvestSummary } from '../../run/dataset-service.ts';
import type { EnvironmentSummary } from '../../run/run-service.ts';
import type { RunConfig } from '../../search/run-config.ts';
import { chosenScenarios } from '../chosen-scenarios.ts';
import { readPack } from '../pack-file.ts';
import { runInPage, type RunPlace } from '../run-in-page.ts';
import { withBrowser, type BrowserNeeds } from '../with-browser.ts';
import type { HarvestOptions } from './harvest-options.ts';

export interface Surroundings extends Omit<BrowserNeeds, 'display'>, RunPlace {}

/**
 * Runs what the options say in the page, from where the folder has got to, and writes the results into the folder.
 * A browser that dies is replaced.
 *
 * @returns undefined if it was paused
 * @throws {UsageError} if the folder holds a run with another configuration, or the split has no scenarios
 */
export async function harvestRun(
	options: HarvestOptions,
	surroundings: Surroundings
): Promise<HarvestSummary | undefined> {
	const { folder, signal } = surroundings;
	const pack = options.pack === undefined ? undefined : await readPack(options.pack);
	const wanted = {
		config: (environment: EnvironmentSummary) => configOf(options, pack?.environment ?? environment),
		models: options.models,
		workers: options.workers,
		...(pack && { pack: pack.text })
	};
	return withBrowser(
		surroundings,
		() => folder.steps,
		async (page) => {
			const { record, failure } = await runInPage(page, wanted, surroundings);
			if (signal.aborted && record.status !== 'finished') return undefined;
			// Of a run that failed, too: one bad scenario should not cost a night.
			const summary = await folder.writeResults();
			if (failure !== undefined) throw new Error(failure);
			return summary;
		}
	);
}

function configOf(
	{ split, scenarios, trials, seed, parts }: HarvestOptions,
	environment: Parameters<typeof chosenScenarios>[0]
): RunConfig {
	return createRunConfig({ ...chosenScenarios(environment, split, scenarios), trials, seed, ...parts });
}
