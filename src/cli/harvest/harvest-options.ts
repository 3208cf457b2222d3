import { defaultChoices } from '../../run/config.ts';
import type { HarvestSummary } from '../../run/run-service.ts';
import { integer, number, oneOf, splits } from '../flag-values.ts';
import type { ChosenModels } from '../model-flags.ts';
import type { Shard } from '../shards.ts';

/** What is searched, and how. */
export interface SearchChoices {
	readonly scenarios: number;
	readonly split: (typeof splits)[number];
	readonly beam: number;
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly temperature: number;
	readonly userTemperature: number;
}

/** A harvest: in the page, or in this process where both models are on servers. */
export interface HarvestOptions extends SearchChoices {
	readonly models: ChosenModels;
	/** Engines side by side; scenarios side by side where both models are on servers. */
	readonly workers: number;
	/** An environment pack; the page has the travel desk only. */
	readonly pack: string;
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

const defaults = {
	scenarios: 24,
	split: 'train',
	beam: defaultChoices.beam,
	seed: defaultChoices.seed,
	temperature: defaultChoices.agentTemperature,
	userTemperature: defaultChoices.userTemperature
} as const;

const text = { type: 'string' } as const;

export const searchFlags = {
	scenarios: text,
	split: text,
	beam: text,
	seed: text,
	temperature: text,
	'user-temperature': text
} as const;

export type SearchFlags = { readonly [flag in keyof typeof searchFlags]?: string };

/** @param seed what the seed does */
export const searchUsage = (seed: string) =>
	`  --scenarios N           how many scenarios of the split, from its first (${defaults.scenarios})
  --split S               train, val or test (${defaults.split})
  --beam B                open branches of a search at the most (${defaults.beam})
  --seed S                ${seed} (${defaults.seed})
  --temperature T         of the agent (${defaults.temperature})
  --user-temperature T    of the user simulator (${defaults.userTemperature})`;

export const outUsage = `  --out DIR               folder of the results (out/ and a name made from these settings); a run that is
                          already there is continued if its settings are the same`;

/** @throws {UsageError} */
export function readSearch(flags: SearchFlags): SearchChoices {
	return {
		scenarios: integer('--scenarios', flags.scenarios ?? defaults.scenarios, 1, 100_000),
		split: oneOf('--split', flags.split ?? defaults.split, splits),
		beam: integer('--beam', flags.beam ?? defaults.beam, 1, 1024),
		seed: integer('--seed', flags.seed ?? defaults.seed, 0, 2 ** 32 - 1),
		temperature: number('--temperature', flags.temperature ?? defaults.temperature, 0, 5),
		userTemperature: number('--user-temperature', flags['user-temperature'] ?? defaults.userTemperature, 0, 5)
	};
}

/** The same settings give the same name, so that the same command continues what it began. */
export function searchName({
	scenarios,
	split,
	beam,
	seed,
	temperature,
	userTemperature
}: SearchChoices): string {
	return `${split}-${scenarios}-beam-${beam}-seed-${seed}-agent-${temperature}-user-${userTemperature}`;
}
