import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readFlags, UsageError } from '../../../scripts/flags.ts';
import { defaultWorkers } from '../../run/config.ts';
import {
	outUsage,
	readSearch,
	searchFlags,
	searchName,
	searchUsage,
	type HarvestOptions
} from '../harvest/harvest-options.ts';
import {
	defaultMaxTokens,
	isOneModel,
	modelFlags,
	modelUsage,
	readModels,
	readWorkers,
	workersUsage,
	type ChosenModels
} from '../model-flags.ts';
import { embedded, folderName, specText, specUsage } from '../model-spec.ts';

const workersHere = defaultWorkers(availableParallelism());

export const demoUsage = `Usage: npm run demo -- [flags]

Harvests training data from conversations of the embedded model, or of others, in headless Chromium. Where both models are
on servers it needs no browser and does what npm run harvest does, which has more flags for them.

  --agent-model SPEC      the agent (embedded)
  --user-model SPEC       the user simulator (the agent's model)
${modelUsage.tools}
${modelUsage.maxTokens}
${modelUsage.keys}
${workersUsage(workersHere)}
${outUsage}
${searchUsage('equal seeds give equal results, but for models on servers or graphics devices')}
  --help                  this text

${specUsage}`;

/**
 * @param env holds the keys of servers
 * @returns undefined if help is asked for
 * @throws {UsageError}
 */
export function readDemoOptions(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>> = {}
): HarvestOptions | undefined {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		args,
		{ ...searchFlags, ...modelFlags, workers: text, out: text, help: { type: 'boolean' } },
		demoUsage
	);
	if (flags.help) return undefined;
	const { models, workers } = readWorkers(flags.workers, workersHere, readModels(flags, env));
	const search = readSearch(flags, models);
	if (flags.out === '') throw new UsageError('--out needs the name of a folder.');
	return {
		...search,
		models,
		workers,
		out: flags.out ?? join('out', `${modelsName(models)}${searchName(search)}`)
	};
}

/** What differs from the embedded model in both roles; of that, nothing. */
function modelsName(models: ChosenModels): string {
	const { agent, user, tools, maxTokens } = models;
	const isOne = isOneModel(models);
	const names = isOne && specText(agent) === specText(embedded) ? [] : isOne ? [agent] : [agent, user];
	const parts = [
		...(names.length > 0 ? [names.map(folderName).join('-with-')] : []),
		...(tools === 'auto' ? [] : [`tools-${tools}`]),
		...(maxTokens === defaultMaxTokens(agent) ? [] : [`max-tokens-${maxTokens}`])
	];
	return parts.map((part) => `${part}-`).join('');
}
