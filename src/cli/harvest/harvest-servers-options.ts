import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseJson } from '../../base/json-read.ts';
import { readFlags, UsageError } from '../../../scripts/flags.ts';
import { isJsonObject } from '../../base/json.ts';
import { defaultLimits, defaultSettings, type ServerSettings } from '../../models/server/settings.ts';
import type { RoleModels } from '../../models/source.ts';
import { defaultWorkers } from '../../run/config.ts';
import { integer } from '../flag-values.ts';
import {
	outUsage,
	readSearch,
	searchFlags,
	searchName,
	searchUsage,
	type HarvestOptions
} from './harvest-options.ts';
import { areOnServers, modelFlags, modelUsage, readModels } from '../model-flags.ts';
import { addressOf, folderName, specText, specUsage, type ModelSpec } from '../model-spec.ts';
import { readShard } from '../shards.ts';

export const harvestServersUsage = `Usage: npm run harvest -- --agent-model SPEC [flags]

Harvests training data from conversations of models on OpenAI-compatible servers (vLLM, SGLang, llama-server, Ollama), without
a browser. With a model in a file, or one that comes with Joshtree, it does what npm run demo does, in headless Chromium.

  --agent-model SPEC      the agent, e.g. http://localhost:8000/v1#Qwen/Qwen3-8B
  --user-model SPEC       the user simulator (the agent's model)
${modelUsage.tools}
${modelUsage.maxTokens}
${modelUsage.keys}
  --in-flight N           scenarios at once (as many as requests)
  --shard I/N             only the I-th of N parts, from 1: scenarios I, I+N, I+2N, …; join them with npm run merge
${outUsage}
${searchUsage("decides every request's seed")}
  --help                  this text

How models on servers are asked:
  --greeting TEXT         what the user simulator's model answers first; '' for nothing ("${defaultSettings.greeting}")
  --body JSON             more fields of each request's body
  --context-tokens N      context of the models, if the server does not say
  --concurrency K         requests at once, for each model (${defaultLimits.concurrency})
  --tries N               how often a request is sent, before it is given up (${defaultLimits.tries})
  --time-limit S          seconds for one try (${defaultLimits.timeLimit / 1000})

Another way to name models on servers:
  --server URL            with --model NAME, the same as --agent-model URL#NAME
  --model NAME            the agent, as that server calls it
  --user-server URL       of the user simulator (that of the agent)
  --user-model NAME       the user simulator, as its server calls it (the agent's name)

${specUsage}`;

/**
 * @param env holds the keys
 * @returns undefined if help is asked for
 * @throws {UsageError}
 */
export function readHarvestServersOptions(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>
): HarvestOptions | undefined {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		args,
		{
			...modelFlags,
			...searchFlags,
			server: text,
			model: text,
			'user-server': text,
			greeting: text,
			body: text,
			'context-tokens': text,
			concurrency: text,
			'in-flight': text,
			tries: text,
			'time-limit': text,
			shard: text,
			out: text,
			help: { type: 'boolean' }
		},
		harvestServersUsage
	);
	if (flags.help) return undefined;
	for (const name of ['agent-model', 'user-server', 'user-model', 'pack', 'out'] as const) {
		if (flags[name] === '') throw new UsageError(`--${name} needs a value.`);
	}
	const concurrency = integer('--concurrency', flags.concurrency ?? defaultLimits.concurrency, 1, 4096);
	const timeLimit = integer('--time-limit', flags['time-limit'] ?? defaultLimits.timeLimit / 1000, 1, 86_400);
	const servers = {
		settings: settingsOf(flags),
		limits: {
			concurrency,
			tries: integer('--tries', flags.tries ?? defaultLimits.tries, 1, 100),
			timeLimit: 1000 * timeLimit
		}
	};
	const named = namedByServers(flags);
	if (!named && flags['agent-model'] === undefined)
		throw new UsageError(`--agent-model is needed, or --server and --model.\n\n${harvestServersUsage}`);
	const { 'user-model': _, ...others } = flags;
	const models = readModels(named ? others : flags, env, { ...named, servers });
	if (!areOnServers(models)) refuseForServers(flags, models);
	const search = readSearch(flags, models);
	const inFlight = integer('--in-flight', flags['in-flight'] ?? concurrency, 1, 4096);
	const shard = flags.shard === undefined ? undefined : readShard(flags.shard);
	const part = shard ? `-shard-${shard.number}-of-${shard.of}` : '';
	return {
		...search,
		models,
		workers: areOnServers(models) ? inFlight : defaultWorkers(availableParallelism()),
		...(shard && { shard }),
		out: flags.out ?? join('out', `${folderName(models.agent)}-${searchName(search)}${part}`)
	};
}

type ServerFlags = Readonly<
	Partial<Record<'server' | 'model' | 'user-server' | 'agent-model' | 'user-model', string>>
>;

/** The models of `--server` and its companions; `undefined` without them. */
function namedByServers(flags: ServerFlags): RoleModels<ModelSpec> | undefined {
	const { server, model, 'user-server': userServer = server, 'user-model': userName = model } = flags;
	const used = (['server', 'model', 'user-server'] as const).filter((name) => flags[name] !== undefined);
	if (used.length === 0) return undefined;
	if (flags['agent-model'] !== undefined)
		throw new UsageError(
			`--agent-model names model and server at once, so --${used.join(' and --')} cannot be used with it. Write --agent-model URL#NAME, and --user-model URL#NAME if the user simulator is another.`
		);
	if (!server || !model) throw new UsageError(`--server and --model go together.\n\n${harvestServersUsage}`);
	if (/^(https?:\/\/|webllm:)/i.test(userName!))
		throw new UsageError(
			`--user-model ${userName}: with --server it is the model's name on that server. To name a model of elsewhere, write --agent-model ${server}#${model} instead of --server and --model.`
		);
	const spec = (flag: string, address: string, name: string): ModelSpec => {
		addressOf(flag, address);
		return { kind: 'server', address, name };
	};
	return {
		agent: spec('--server', server, model),
		user: spec('--user-server', userServer!, userName!)
	};
}

/** Flags that would do nothing are mistakes. */
function refuseForServers(
	flags: Readonly<Record<string, unknown>>,
	{ agent, user }: RoleModels<ModelSpec>
): void {
	const refuse = (names: readonly string[], why: string) => {
		const used = names.filter((name) => flags[name] !== undefined);
		if (used.length > 0) throw new UsageError(`--${used.join(' and --')}: ${why}`);
	};
	const local = [agent, user].find(({ kind }) => kind !== 'server')!;
	refuse(
		ofThisProcess,
		`a harvest can have that where both models are on servers, and ${specText(local)} is on none.`
	);
	if ([agent, user].every(({ kind }) => kind !== 'server'))
		refuse(ofServers, 'that is for models on servers, and neither model is on one.');
}

const ofThisProcess = ['in-flight', 'shard'] as const;
const ofServers = ['greeting', 'body', 'context-tokens', 'concurrency', 'tries', 'time-limit'] as const;

function settingsOf(flags: {
	readonly greeting?: string;
	readonly body?: string;
	readonly 'context-tokens'?: string;
}): Partial<ServerSettings> {
	const contextTokens = flags['context-tokens'];
	return {
		...(flags.greeting !== undefined && { greeting: flags.greeting }),
		...(contextTokens !== undefined && {
			contextTokens: integer('--context-tokens', contextTokens, 1, 100_000_000)
		}),
		...(flags.body !== undefined && { body: bodyOf(flags.body) })
	};
}

function bodyOf(text: string) {
	try {
		const body: unknown = parseJson(text);
		if (isJsonObject(body)) return body;
	} catch {
		// The message is the same.
	}
	throw new UsageError(`--body takes a JSON object, e.g. '{"repetition_penalty": 1}', not ${text}.`);
}
