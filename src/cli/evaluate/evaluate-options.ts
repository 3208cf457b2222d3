import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFlags, UsageError } from '../../../scripts/flags.ts';
import type { ShippedModel } from '../../models/shipped.ts';
import { defaultSeed, defaultWorkers, type RunChoices } from '../../run/config.ts';
import type { PartRole } from '../../search/run-config.ts';
import { usualMaxTokens } from '../../talk/sampling.ts';
import { partDefaults } from '../harvest/harvest-options.ts';
import { packPath, packUsage } from '../pack-file.ts';
import { partFlags, partUsage, readParts, type PartFlags } from '../part-flags.ts';
import { integer, oneOf, splits } from '../flag-values.ts';
import {
	modelFlags,
	modelUsage,
	readModels,
	readWorkers,
	workersUsage,
	type ChosenModels,
	type ModelFlags
} from '../model-flags.ts';
import { checkFiles, embedded, specUsage, type ModelSpec } from '../model-spec.ts';

export interface EvaluateOptions {
	readonly models: ChosenModels;
	/** File of an environment pack. */
	readonly pack: string;
	readonly split: (typeof splits)[number];
	/** From the first of the split; all of them by default. */
	readonly scenarios?: number;
	readonly trials: number;
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly parts: Pick<RunChoices, PartRole>;
	readonly workers: number;
	/** Where the report goes. */
	readonly json?: string;
	/** Where the conversations go, a line of JSON each. */
	readonly transcripts?: string;
	/** The report of another model to compare with. */
	readonly compare?: string;
	/** Folder of the conversations' rows, by settings. */
	readonly kept: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The file of a model that ships with the app. */
export function shippedFile(name: ShippedModel): string {
	return join(root, 'public', 'models', `${name}.gguf`);
}

/** The files that ship with the app. */
export const shippedModel = shippedFile('embedded');
export const shippedPack = packPath();

/** The strategy of an evaluation is always `plain`. */
const roles: readonly PartRole[] = ['agent', 'user', 'reward', 'score'];

type OwnFlag =
	| 'model'
	| 'pack'
	| 'split'
	| 'scenarios'
	| 'trials'
	| 'seed'
	| 'workers'
	| 'json'
	| 'transcripts'
	| 'compare'
	| 'keep';

const defaults = {
	split: 'test',
	trials: 1,
	seed: defaultSeed,
	workers: defaultWorkers(availableParallelism()),
	kept: join('out', 'evaluate')
} as const;

export const evaluateUsage = `Usage: npm run evaluate -- [flags]

Plain conversations (no search) of a model with a user simulator: how often the agent does all that its user wanted, and
why not. In headless Chromium, unless both models are on servers.

  --agent-model SPEC      the agent (embedded)
  --user-model SPEC       the user simulator (embedded)
  --model FILE.gguf       an agent trained here: as --agent-model FILE.gguf --tools compact --max-tokens ${usualMaxTokens}
${modelUsage.tools}
${modelUsage.maxTokens}
${modelUsage.keys}
${packUsage}
  --split S               train, val or test (${defaults.split})
  --scenarios N           how many scenarios of the split, from its first (all)
  --trials N              conversations about each scenario (${defaults.trials})
  --seed S                equal seeds give equal results (${defaults.seed})
${workersUsage(defaults.workers)}
  --json OUT              the report as a file, with a row for each scenario
  --transcripts OUT.jsonl what was said, with goals and results, a line for each conversation
  --compare REPORT.json   compares with another model's report, scenario by scenario
  --keep DIR              where finished conversations are kept (${defaults.kept}); what is kept is not done again

What the conversations are made of; options of a part that is not chosen are refused:
${partUsage(roles)}

  --help                  this text

${specUsage}`;

/**
 * @param env holds the keys of servers
 * @returns undefined if help is asked for
 * @throws {UsageError}
 */
export function readEvaluateOptions(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>> = {}
): EvaluateOptions | undefined {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		args,
		{
			...modelFlags,
			model: text,
			pack: text,
			split: text,
			scenarios: text,
			trials: text,
			seed: text,
			workers: text,
			json: text,
			transcripts: text,
			compare: text,
			keep: text,
			help: { type: 'boolean' },
			...partFlags(roles)
		},
		evaluateUsage
	) as ModelFlags & Readonly<Partial<Record<OwnFlag, string>>> & { readonly help?: boolean };
	if (flags.help) return undefined;
	for (const name of ['model', 'pack', 'json', 'transcripts', 'compare', 'keep'] as const) {
		if (flags[name] === '') throw new UsageError(`--${name} needs the name of a file or folder.`);
	}
	const { models, workers } = readWorkers(flags.workers, defaults.workers, modelsOf(flags, env));
	return {
		models,
		pack: packPath(flags.pack),
		split: oneOf('--split', flags.split ?? defaults.split, splits),
		...(flags.scenarios !== undefined && {
			scenarios: integer('--scenarios', flags.scenarios, 1, 100_000)
		}),
		trials: integer('--trials', flags.trials ?? defaults.trials, 1, 1000),
		seed: integer('--seed', flags.seed ?? defaults.seed, 0, 2 ** 32 - 1),
		parts: {
			...readParts(flags as PartFlags, roles, {}, partDefaults(models)),
			strategy: { kind: 'plain' }
		},
		workers,
		...(flags.json !== undefined && { json: flags.json }),
		...(flags.transcripts !== undefined && { transcripts: flags.transcripts }),
		...(flags.compare !== undefined && { compare: flags.compare }),
		kept: flags.keep ?? defaults.kept
	};
}

/** The user simulator is always the same unless another is named: agents are compared. */
function modelsOf(
	{ model, ...flags }: ModelFlags & { readonly model?: string },
	env: Readonly<Record<string, string | undefined>>
): ChosenModels {
	if (model === undefined) return readModels(flags, env, { user: embedded });
	if (flags['agent-model'] !== undefined)
		throw new UsageError('--model and --agent-model both name the agent. Give one of them.');
	const agent: ModelSpec = { kind: 'file', path: model };
	checkFiles('--model', agent);
	const asTrained = { tools: 'compact', maxTokens: usualMaxTokens } as const;
	return readModels(flags, env, { agent, user: embedded, ...asTrained });
}
