import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readFlags, UsageError } from '../../scripts/flags.ts';
import { defaultChoices, defaultWorkers } from '../run/config.ts';
import { integer, number, oneOf, splits } from './flag-values.ts';

export interface DemoOptions {
	readonly scenarios: number;
	readonly split: (typeof splits)[number];
	readonly beam: number;
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly temperature: number;
	readonly userTemperature: number;
	readonly workers: number;
	/** Folder of the results. */
	readonly out: string;
}

const defaults = {
	scenarios: 24,
	split: 'train',
	beam: defaultChoices.beam,
	seed: defaultChoices.seed,
	temperature: defaultChoices.agentTemperature,
	userTemperature: defaultChoices.userTemperature,
	workers: defaultWorkers(availableParallelism())
} as const;

export const demoUsage = `Usage: npm run demo -- [flags]

Harvests training data from conversations of the embedded model, in headless Chromium.

  --scenarios N           how many scenarios of the split, from its first (${defaults.scenarios})
  --split S               train, val or test (${defaults.split})
  --beam B                open branches of a search at the most (${defaults.beam})
  --seed S                equal seeds give equal results (${defaults.seed})
  --temperature T         of the agent (${defaults.temperature})
  --user-temperature T    of the user simulator (${defaults.userTemperature})
  --workers K             engines side by side; changes the speed, not the results (${defaults.workers} here)
  --out DIR               folder of the results (out/ and a name made from these settings); a run that is
                          already there is continued if its settings are the same
  --help                  this text`;

/**
 * @returns undefined if help is asked for
 * @throws {UsageError}
 */
export function readDemoOptions(args: readonly string[]): DemoOptions | undefined {
	const flags = readFlags(
		args,
		{
			scenarios: { type: 'string' },
			split: { type: 'string' },
			beam: { type: 'string' },
			seed: { type: 'string' },
			temperature: { type: 'string' },
			'user-temperature': { type: 'string' },
			workers: { type: 'string' },
			out: { type: 'string' },
			help: { type: 'boolean' }
		},
		demoUsage
	);
	if (flags.help) return undefined;
	const settings = {
		scenarios: integer('--scenarios', flags.scenarios ?? defaults.scenarios, 1, 100_000),
		split: oneOf('--split', flags.split ?? defaults.split, splits),
		beam: integer('--beam', flags.beam ?? defaults.beam, 1, 1024),
		seed: integer('--seed', flags.seed ?? defaults.seed, 0, 2 ** 32 - 1),
		temperature: number('--temperature', flags.temperature ?? defaults.temperature, 0, 5),
		userTemperature: number(
			'--user-temperature',
			flags['user-temperature'] ?? defaults.userTemperature,
			0,
			5
		),
		workers: integer('--workers', flags.workers ?? defaults.workers, 1, 256)
	};
	if (flags.out === '') throw new UsageError('--out needs the name of a folder.');
	return { ...settings, out: flags.out ?? join('out', runName(settings)) };
}

/** The same settings give the same name, so that the same command continues what it began. */
function runName({
	scenarios,
	split,
	beam,
	seed,
	temperature,
	userTemperature
}: Omit<DemoOptions, 'out'>): string {
	return `${split}-${scenarios}-beam-${beam}-seed-${seed}-agent-${temperature}-user-${userTemperature}`;
}
