import { availableParallelism } from 'node:os';
import { readFlags, UsageError } from '../../scripts/flags.ts';
import { integer } from '../../src/cli/flag-values.ts';
import { defaultWorkers } from '../../src/run/config.ts';

export interface ReproduceOptions {
	/** Train scenarios to harvest, from the first. */
	readonly scenarios: number;
	readonly beam: number;
	/** Test scenarios to evaluate on, from the first; all of them by default. */
	readonly test?: number;
	readonly trials: number;
	readonly seed: number;
	/** Beams to compare. */
	readonly sweep: readonly number[];
	/** Train scenarios for each of them. */
	readonly sweepScenarios: number;
	/** Dialogues for the perplexities. */
	readonly dialogues: number;
	readonly workers: number;
	readonly out: string;
	/** A Python that has the requirements; otherwise one is made ready in `model/.venv`. */
	readonly python?: string;
}

const defaults = {
	scenarios: 600,
	beam: 8,
	trials: 1,
	seed: 1,
	sweep: '4,8,16',
	sweepScenarios: 100,
	dialogues: 2000,
	workers: defaultWorkers(availableParallelism()),
	out: 'out/reproduce'
} as const;

export const reproduceUsage = `Usage: npm run reproduce -- [flags]

The paper's experiment with the embedded model: harvest with JOSH, fine-tune with SFT and with KTO, evaluate all
three with the same user simulator, check that other abilities are kept, and compare beams. Takes about an hour;
the same command goes on where it was stopped. Needs Python 3.11 or newer.

  --scenarios N         train scenarios to harvest, from the first (${defaults.scenarios})
  --beam B              of that harvest (${defaults.beam})
  --test N              test scenarios to evaluate on (all)
  --trials N            conversations about each of them (${defaults.trials})
  --seed S              of harvest and evaluation (${defaults.seed})
  --sweep B,B,...       beams to compare (${defaults.sweep})
  --sweep-scenarios N   train scenarios for each of them (${defaults.sweepScenarios})
  --dialogues N         held-out dialogues for the perplexities (${defaults.dialogues})
  --workers K           engines side by side (${defaults.workers} here)
  --out DIR             where everything goes (${defaults.out})
  --python FILE         a Python that has model/requirements.txt (one is made ready in model/.venv)
  --help                this text`;

/**
 * @returns undefined if help is asked for
 * @throws {UsageError}
 */
export function readReproduceOptions(args: readonly string[]): ReproduceOptions | undefined {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		args,
		{
			scenarios: text,
			beam: text,
			test: text,
			trials: text,
			seed: text,
			sweep: text,
			'sweep-scenarios': text,
			dialogues: text,
			workers: text,
			out: text,
			python: text,
			help: { type: 'boolean' }
		},
		reproduceUsage
	);
	if (flags.help) return undefined;
	for (const name of ['out', 'python', 'sweep'] as const) {
		if (flags[name] === '') throw new UsageError(`--${name} needs a value.`);
	}
	return {
		scenarios: integer('--scenarios', flags.scenarios ?? defaults.scenarios, 1, 100_000),
		beam: integer('--beam', flags.beam ?? defaults.beam, 1, 1024),
		...(flags.test !== undefined && { test: integer('--test', flags.test, 1, 100_000) }),
		trials: integer('--trials', flags.trials ?? defaults.trials, 1, 1000),
		seed: integer('--seed', flags.seed ?? defaults.seed, 0, 2 ** 32 - 1),
		sweep: (flags.sweep ?? defaults.sweep).split(',').map((beam) => integer('--sweep', beam, 1, 1024)),
		sweepScenarios: integer(
			'--sweep-scenarios',
			flags['sweep-scenarios'] ?? defaults.sweepScenarios,
			1,
			100_000
		),
		dialogues: integer('--dialogues', flags.dialogues ?? defaults.dialogues, 100, 1_000_000),
		workers: integer('--workers', flags.workers ?? defaults.workers, 1, 256),
		out: flags.out ?? defaults.out,
		...(flags.python !== undefined && { python: flags.python })
	};
}
