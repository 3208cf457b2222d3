import { UsageError } from '../../scripts/flags.ts';
import { canonicalJson, type Json } from '../base/json.ts';
import { leavingNotice, serverAddress } from '../models/server/address.ts';
import {
	compactSettings,
	defaultLimits,
	defaultSettings,
	type ServerLimits,
	type ServerSettings,
	type ServerSource
} from '../models/server/settings.ts';
import type { RoleModels } from '../models/source.ts';
import { usualMaxTokens as ourMaxTokens } from '../talk/sampling.ts';
import { integer, oneOf } from './flag-values.ts';
import { checkFiles, embedded, readModelSpec, specText, type ModelSpec } from './model-spec.ts';

/** How an agent that does not come with Joshtree is told of its tools. */
export const toolsChoices = ['native', 'hermes', 'compact', 'auto'] as const;

export type ToolsChoice = (typeof toolsChoices)[number];

/** The models of a command, and how they are asked. */
export interface ChosenModels extends RoleModels<ModelSpec> {
	readonly tools: ToolsChoice;
	/** Of one message. */
	readonly maxTokens: number;
	/** Of the servers that want one. */
	readonly keys: Partial<RoleModels<string>>;
	/** How those on servers are asked, beside `tools`. */
	readonly servers: {
		readonly settings: Partial<ServerSettings>;
		readonly limits: Partial<ServerLimits>;
	};
}

const text = { type: 'string' } as const;

export const modelFlags = {
	'agent-model': text,
	'user-model': text,
	tools: text,
	'max-tokens': text,
	'key-env': text,
	'user-key-env': text
} as const;

export type ModelFlags = { readonly [flag in keyof typeof modelFlags]?: string };

export const defaultKeyVariable = 'OPENAI_API_KEY';

/** Messages of models from elsewhere are longer than those of ours. */
const usualMaxTokens = { ours: ourMaxTokens, other: 512 } as const;

export function defaultMaxTokens(agent: ModelSpec): number {
	return usualMaxTokens[agent.kind === 'shipped' ? 'ours' : 'other'];
}

export const modelUsage = {
	tools: `  --tools T               how the agent is told of its tools: native (as its own chat template or server wants it),
                          hermes (as schemas in a text), compact (in a few words, for models trained here) or auto:
                          native where the template takes all that a tool has, else hermes; on servers native (auto)`,
	maxTokens: `  --max-tokens N          of one message (${usualMaxTokens.ours} if the agent comes with Joshtree, else ${usualMaxTokens.other})`,
	keys: `  --key-env NAME          environment variable that holds the key, if the agent's server wants one (${defaultKeyVariable})
  --user-key-env NAME     the same for the user simulator's server (none, if that is another server)`
} as const;

/** @param usual without `--workers` */
export const workersUsage = (usual: number) =>
	`  --workers K             engines side by side; changes the speed, not the results (${usual} here; where both models are on
                          servers, ${defaultLimits.concurrency} conversations at once)`;

/** What a command takes where a flag is not given. */
export interface ModelDefaults {
	/** The embedded model by default. */
	readonly agent?: ModelSpec;
	/** The agent's model by default. */
	readonly user?: ModelSpec;
	readonly tools?: ToolsChoice;
	readonly maxTokens?: number;
	readonly servers?: ChosenModels['servers'];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The models that flags name.
 *
 * @param env holds the keys
 * @throws {UsageError}
 */
export function readModels(flags: ModelFlags, env: Environment, defaults: ModelDefaults = {}): ChosenModels {
	const agent = specOf('--agent-model', flags['agent-model']) ?? defaults.agent ?? embedded;
	const user = specOf('--user-model', flags['user-model']) ?? defaults.user ?? agent;
	if (flags.tools !== undefined && agent.kind === 'shipped')
		throw new UsageError(
			`--tools: ${agent.name} comes with Joshtree and is always told in a few words. Leave --tools out, or name another agent.`
		);
	const usual = defaults.maxTokens ?? defaultMaxTokens(agent);
	const tools = oneOf('--tools', flags.tools ?? defaults.tools ?? 'auto', toolsChoices);
	if (agent.kind === 'webllm' && tools === 'native')
		throw new UsageError('--tools native: web-llm has no form of its own. Take hermes or compact.');
	return {
		agent,
		user,
		tools,
		maxTokens: integer('--max-tokens', flags['max-tokens'] ?? usual, 1, 1_000_000),
		keys: keysOf(flags, { agent, user }, env),
		servers: defaults.servers ?? { settings: {}, limits: {} }
	};
}

/**
 * How many engines work side by side, or requests where both models are on servers; a server gets as many requests at once.
 * @param value of `--workers` @param usual how many engines there are otherwise
 */
export function readWorkers(
	value: string | undefined,
	usual: number,
	models: ChosenModels
): { readonly models: ChosenModels; readonly workers: number } {
	const workers = integer(
		'--workers',
		value ?? (areOnServers(models) ? defaultLimits.concurrency : usual),
		1,
		256
	);
	const { settings, limits } = models.servers;
	return {
		models: { ...models, servers: { settings, limits: { ...limits, concurrency: workers } } },
		workers
	};
}

/** What is chosen where nothing is said. */
export const embeddedModels: ChosenModels = readModels({}, {});

function specOf(flag: string, value: string | undefined): ModelSpec | undefined {
	if (value === undefined) return undefined;
	const spec = readModelSpec(flag, value);
	checkFiles(flag, spec);
	return spec;
}

/** A key is for the server that it was given for, and for no other. */
function keysOf(
	flags: ModelFlags,
	{ agent, user }: RoleModels<ModelSpec>,
	env: Environment
): ChosenModels['keys'] {
	const given = keyOf('--key-env', flags['key-env'], agent, env);
	const agentKey = agent.kind === 'server' ? (given ?? (env[defaultKeyVariable] || undefined)) : undefined;
	const userKey =
		keyOf('--user-key-env', flags['user-key-env'], user, env) ??
		(isSameServer(agent, user) ? agentKey : undefined);
	return {
		...(agentKey !== undefined && { agent: agentKey }),
		...(userKey !== undefined && { user: userKey })
	};
}

/** Keys on a command line would be seen by everyone on the machine. */
function keyOf(
	flag: string,
	name: string | undefined,
	spec: ModelSpec,
	env: Environment
): string | undefined {
	if (name === undefined) return undefined;
	if (spec.kind !== 'server') throw new UsageError(`${flag}: ${specText(spec)} is on no server.`);
	const key = env[name];
	if (!key) throw new UsageError(`${flag}: the environment has no variable ${name}, or it is empty.`);
	return key;
}

function isSameServer(one: ModelSpec, other: ModelSpec): boolean {
	return (
		one.kind === 'server' &&
		other.kind === 'server' &&
		serverAddress(one.address).href === serverAddress(other.address).href
	);
}

/** Whether one model plays both roles. */
export function isOneModel({ agent, user, keys }: ChosenModels): boolean {
	if (agent.kind === 'server' && user.kind === 'server')
		return isSameServer(agent, user) && agent.name === user.name && keys.agent === keys.user;
	return canonicalJson(agent as unknown as Json) === canonicalJson(user as unknown as Json);
}

/** Whether this process can ask both models by itself, without a browser. */
export function areOnServers({ agent, user }: RoleModels<ModelSpec>): boolean {
	return agent.kind === 'server' && user.kind === 'server';
}

/** E.g. `mine.gguf`, or `mine.gguf and embedded` of two models. */
export function modelWords(models: ChosenModels): string {
	const names = isOneModel(models) ? [models.agent] : [models.agent, models.user];
	return names.map(specText).join(' and ');
}

/** What must be told of models on servers before they are asked. */
export function noticesOf({ agent, user }: RoleModels<ModelSpec>): readonly string[] {
	const servers = [agent, user].flatMap((spec) =>
		spec.kind === 'server' ? [serverAddress(spec.address)] : []
	);
	const leaving = leavingNotice(servers);
	return [
		...(leaving === undefined ? [] : [leaving]),
		// Then it is the page that asks.
		...(servers.length === 1
			? [`${servers[0]!.origin} must let pages of other origins ask it (CORS), as most servers do.`]
			: [])
	];
}

/** How the model of one role is asked. @throws {Error} if it is on no server */
export function serverSource(models: ChosenModels, role: 'agent' | 'user'): ServerSource {
	const { tools, keys, servers } = models;
	const spec = models[role];
	if (spec.kind !== 'server') throw new Error(`${specText(spec)} is on no server`);
	const usual = tools === 'compact' ? compactSettings : defaultSettings;
	const key = keys[role];
	return {
		address: spec.address,
		model: spec.name,
		settings: { ...usual, ...(tools !== 'auto' && { tools }), ...servers.settings },
		limits: servers.limits,
		// Nobody looks on, and servers read calls better from whole replies.
		streams: false,
		...(key !== undefined && { key })
	};
}

/** The keys by address. */
export function serverKeys(models: ChosenModels): Readonly<Record<string, string>> {
	return Object.fromEntries(
		(['agent', 'user'] as const).flatMap((role) => {
			const [spec, key] = [models[role], models.keys[role]];
			return spec.kind === 'server' && key !== undefined ? [[spec.address, key]] : [];
		})
	);
}

/** Both models, where both are on servers. */
export function serverSources(models: ChosenModels): {
	readonly agent: ServerSource;
	/** Absent if one model plays both roles. */
	readonly user?: ServerSource;
} {
	const agent = serverSource(models, 'agent');
	return isOneModel(models) ? { agent } : { agent, user: serverSource(models, 'user') };
}
