import { join } from 'node:path';
import { parseJson } from '../base/json-read.ts';
import { readFlags, UsageError } from '../../scripts/flags.ts';
import { isJsonObject } from '../base/json.ts';
import { serverAddress } from '../models/server/address.ts';
import {
	compactSettings,
	defaultLimits,
	defaultSettings,
	type ServerSettings,
	type ServerSource
} from '../models/server/settings.ts';
import { defaultChoices } from '../run/config.ts';
import { shippedPack } from './evaluate-options.ts';
import { integer, number, oneOf, splits } from './flag-values.ts';
import { readShard, type Shard } from './shards.ts';

export interface HarvestServersOptions {
	readonly agent: ServerSource;
	/** Absent if one model plays both roles. */
	readonly user?: ServerSource;
	/** An environment pack. */
	readonly pack: string;
	readonly scenarios: number;
	readonly split: (typeof splits)[number];
	readonly beam: number;
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly temperature: number;
	readonly userTemperature: number;
	/** Of one message. */
	readonly maxTokens: number;
	/** Scenarios side by side. */
	readonly inFlight: number;
	readonly shard?: Shard;
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
	/** Models that servers serve have more to say than the embedded one. */
	maxTokens: 512,
	keyEnv: 'OPENAI_API_KEY'
} as const;

const told = ['native', 'hermes', 'compact'] as const;

export const harvestServersUsage = `Usage: npm run harvest -- --server URL --model NAME [flags]

Harvests training data from conversations of models on OpenAI-compatible servers (vLLM, SGLang, llama-server, Ollama).

  --server URL            e.g. http://localhost:8000/v1
  --model NAME            the agent, as that server calls it
  --user-server URL       of the user simulator (that of the agent)
  --user-model NAME       the user simulator (the agent's model)
  --key-env NAME          environment variable that holds the key, if the server wants one (${defaults.keyEnv})
  --user-key-env NAME     the same for the user simulator's server (none, if that is another server)
  --tools T               how models are told of tools: native, hermes (as text) or compact (in a few words) (native)
  --greeting TEXT         what the user simulator's model answers first; '' for nothing ("${defaultSettings.greeting}")
  --body JSON             more fields of each request's body
  --context-tokens N      context of the models, if the server does not say
  --pack FILE.json        the environment (the travel desk)
  --scenarios N           how many scenarios of the split, from its first (${defaults.scenarios})
  --split S               train, val or test (${defaults.split})
  --beam B                open branches of a search at the most (${defaults.beam})
  --seed S                decides every request's seed (${defaults.seed})
  --temperature T         of the agent (${defaults.temperature})
  --user-temperature T    of the user simulator (${defaults.userTemperature})
  --max-tokens N          of one message (${defaults.maxTokens})
  --concurrency K         requests at once, for each model (${defaultLimits.concurrency})
  --in-flight N           scenarios at once (as many as requests)
  --tries N               how often a request is sent, before it is given up (${defaultLimits.tries})
  --time-limit S          seconds for one try (${defaultLimits.timeLimit / 1000})
  --shard I/N             only the I-th of N parts, from 1: scenarios I, I+N, I+2N, …; join them with npm run merge
  --out DIR               folder of the results (out/ and a name made from these settings); a run that is
                          already there is continued if its settings are the same
  --help                  this text`;

/**
 * @param env holds the keys
 * @returns undefined if help is asked for
 * @throws {UsageError}
 */
export function readHarvestServersOptions(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>
): HarvestServersOptions | undefined {
	const text = { type: 'string' } as const;
	const flags = readFlags(
		args,
		{
			server: text,
			model: text,
			'user-server': text,
			'user-model': text,
			'key-env': text,
			'user-key-env': text,
			tools: text,
			greeting: text,
			body: text,
			'context-tokens': text,
			pack: text,
			scenarios: text,
			split: text,
			beam: text,
			seed: text,
			temperature: text,
			'user-temperature': text,
			'max-tokens': text,
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
	const { server, model } = flags;
	if (!server || !model) throw new UsageError(`--server and --model are needed.\n\n${harvestServersUsage}`);
	for (const name of ['user-server', 'user-model', 'pack', 'out'] as const) {
		if (flags[name] === '') throw new UsageError(`--${name} needs a value.`);
	}

	const concurrency = integer('--concurrency', flags.concurrency ?? defaultLimits.concurrency, 1, 4096);
	const common = {
		settings: settingsOf(flags),
		limits: {
			concurrency,
			tries: integer('--tries', flags.tries ?? defaultLimits.tries, 1, 100),
			timeLimit:
				1000 * integer('--time-limit', flags['time-limit'] ?? defaultLimits.timeLimit / 1000, 1, 86_400)
		},
		// Nobody looks on, and servers read calls better from whole replies.
		streams: false
	};
	const userServer = flags['user-server'] ?? server;
	const userModel = flags['user-model'] ?? model;
	const sameServer = addressOf('--server', server) === addressOf('--user-server', userServer);
	const key = keyOf('--key-env', flags['key-env'], env) ?? (env[defaults.keyEnv] || undefined);
	const userKey = keyOf('--user-key-env', flags['user-key-env'], env) ?? (sameServer ? key : undefined);
	const isOneModel = sameServer && userModel === model && userKey === key;
	const source = (address: string, name: string, secret: string | undefined): ServerSource => ({
		address,
		model: name,
		...common,
		...(secret !== undefined && { key: secret })
	});

	const settings = {
		scenarios: integer('--scenarios', flags.scenarios ?? defaults.scenarios, 1, 100_000),
		split: oneOf('--split', flags.split ?? defaults.split, splits),
		beam: integer('--beam', flags.beam ?? defaults.beam, 1, 1024),
		seed: integer('--seed', flags.seed ?? defaults.seed, 0, 2 ** 32 - 1),
		temperature: number('--temperature', flags.temperature ?? defaults.temperature, 0, 5),
		userTemperature: number('--user-temperature', flags['user-temperature'] ?? defaults.userTemperature, 0, 5)
	};
	const shard = flags.shard === undefined ? undefined : readShard(flags.shard);
	return {
		agent: source(server, model, key),
		...(!isOneModel && { user: source(userServer, userModel, userKey) }),
		pack: flags.pack ?? shippedPack,
		...settings,
		maxTokens: integer('--max-tokens', flags['max-tokens'] ?? defaults.maxTokens, 1, 1_000_000),
		inFlight: integer('--in-flight', flags['in-flight'] ?? concurrency, 1, 4096),
		...(shard && { shard }),
		out: flags.out ?? join('out', runName(model, settings, shard))
	};
}

function settingsOf(flags: {
	readonly tools?: string;
	readonly greeting?: string;
	readonly body?: string;
	readonly 'context-tokens'?: string;
}): ServerSettings {
	const tools = oneOf('--tools', flags.tools ?? defaultSettings.tools, told);
	const usual = tools === 'compact' ? compactSettings : defaultSettings;
	const contextTokens = flags['context-tokens'];
	return {
		tools,
		greeting: flags.greeting ?? usual.greeting,
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

function addressOf(flag: string, typed: string): string {
	try {
		return serverAddress(typed).href;
	} catch (error) {
		throw new UsageError(`${flag}: ${(error as Error).message}`);
	}
}

/** Keys on a command line would be seen by everyone on the machine. */
function keyOf(
	flag: string,
	name: string | undefined,
	env: Readonly<Record<string, string | undefined>>
): string | undefined {
	if (name === undefined) return undefined;
	const key = env[name];
	if (!key) throw new UsageError(`${flag}: the environment has no variable ${name}, or it is empty.`);
	return key;
}

/** The same settings give the same name, so that the same command continues what it began. */
function runName(
	model: string,
	{
		scenarios,
		split,
		beam,
		seed,
		temperature,
		userTemperature
	}: Pick<HarvestServersOptions, 'scenarios' | 'split' | 'beam' | 'seed' | 'temperature' | 'userTemperature'>,
	shard: Shard | undefined
): string {
	const name = model.replaceAll(/[^\w.-]+/g, '_');
	const part = shard ? `-shard-${shard.number}-of-${shard.of}` : '';
	return `${name}-${split}-${scenarios}-beam-${beam}-seed-${seed}-agent-${temperature}-user-${userTemperature}${part}`;
}
