import { basename, extname } from 'node:path';
import { defaultSeed, type RunChoices } from '../../run/config.ts';
import type { HarvestSummary } from '../../run/dataset-service.ts';
import type { PartRole } from '../../search/run-config.ts';
import { integer, oneOf, splits } from '../flag-values.ts';
import type { ChosenModels } from '../model-flags.ts';
import { packPath, packUsage } from '../pack-file.ts';
import { partFlags, partUsage, readParts, unusualWords, type PartFlags } from '../part-flags.ts';
import type { Shard } from '../shards.ts';

/** What is searched, and how. */
export interface SearchChoices {
	readonly scenarios: number;
	readonly split: (typeof splits)[number];
	/** How often each scenario is taken. */
	readonly trials: number;
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly parts: Pick<RunChoices, PartRole>;
	/** File of an environment pack; absent for the one that the page uses by itself. */
	readonly pack?: string;
}

/** A harvest: in the page, or in this process where both models are on servers. */
export interface HarvestOptions extends SearchChoices {
	readonly models: ChosenModels;
	/** Engines side by side; scenarios side by side where both models are on servers. */
	readonly workers: number;
	readonly shard?: Shard;
	/** Folder of the results. */
	readonly out: string;
}

/** What came of a harvest. */
export interface HarvestOutcome {
	/** Absent if it was paused. */
	readonly summary?: HarvestSummary;
	/** Why it stopped before its end. */
	readonly failure?: string;
	/** Finished steps in the folder. */
	readonly steps: number;
}

const defaults = { scenarios: 24, split: 'train', trials: 1, seed: defaultSeed } as const;

const roles: readonly PartRole[] = ['strategy', 'agent', 'user', 'reward', 'score'];

const text = { type: 'string' } as const;

export const searchFlags = {
	scenarios: text,
	split: text,
	trials: text,
	seed: text,
	pack: text,
	...partFlags(roles)
} as const;

/** @param seed what the seed does */
export const searchUsage = (seed: string) =>
	`  --scenarios N           how many scenarios of the split, from its first (${defaults.scenarios})
  --split S               train, val or test (${defaults.split})
  --trials N              how often each scenario is taken (${defaults.trials})
  --seed S                ${seed} (${defaults.seed})
${packUsage}

What the run is made of; options of a part that is not chosen are refused:
${partUsage(roles)}
`;

export const outUsage = `  --out DIR               folder of the results (out/ and a name made from these settings); a run that is
                          already there is continued if its settings are the same`;

/** @throws {UsageError} */
export function readSearch(flags: PartFlags, models: ChosenModels): SearchChoices {
	const given = flags as Readonly<Record<string, string | undefined>>;
	return {
		scenarios: integer('--scenarios', given['scenarios'] ?? defaults.scenarios, 1, 100_000),
		split: oneOf('--split', given['split'] ?? defaults.split, splits),
		trials: integer('--trials', given['trials'] ?? defaults.trials, 1, 1000),
		seed: integer('--seed', given['seed'] ?? defaults.seed, 0, 2 ** 32 - 1),
		parts: readParts(flags, roles, {}, partDefaults(models)),
		...(given['pack'] !== undefined && { pack: packPath(given['pack']) })
	};
}

/** What follows from the models: how long messages may be, and that those that come with Joshtree are told of tools in a few words. */
export function partDefaults({ agent, maxTokens }: ChosenModels): Parameters<typeof readParts>[3] {
	return (role, part, { path }) => {
		if (path.at(-1) === 'maxTokens') return maxTokens;
		if (role === 'agent' && part.kind === 'react' && path.join() === 'tools' && agent.kind === 'shipped')
			return 'compact';
		return undefined;
	};
}

/** The same settings give the same name, so that the same command continues what it began. */
export function searchName({ scenarios, split, trials, seed, parts, pack }: SearchChoices): string {
	const { strategy, agent, user } = parts;
	const temperature = (part: typeof agent) =>
		(part?.['sampling'] as { readonly temperature?: number } | undefined)?.temperature;
	const named = ['beam', 'temperature', 'user-temperature', 'max-tokens', 'user-max-tokens', 'react-tools'];
	return [
		...(pack === undefined ? [] : [basename(pack, extname(pack))]),
		split,
		scenarios,
		...(trials > 1 ? [`trials-${trials}`] : []),
		...(strategy?.['beam'] === undefined ? [] : [`beam-${String(strategy['beam'])}`]),
		`seed-${seed}`,
		...(temperature(agent) === undefined ? [] : [`agent-${temperature(agent)}`]),
		...(temperature(user) === undefined ? [] : [`user-${temperature(user)}`]),
		...unusualWords(parts, named)
	].join('-');
}
