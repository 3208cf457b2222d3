import * as v from 'valibot';
import { problemsIn } from '../base/options.ts';
import { optionsOf, type ChosenPart } from '../base/part.ts';
import type { EnvironmentFacts, Split } from '../environment/environment.ts';
import { partLists } from '../search/compose.ts';
import { partRoles, type PartRole, type RunConfig } from '../search/run-config.ts';
import { rewards } from '../talk/rewards/rewards.ts';
import type { EnvironmentSummary } from './run-service.ts';
import { users } from '../talk/users/users.ts';

/** Scenarios for a run. */
export interface ChosenScenarios {
	/** Ids. */
	readonly scenarios: readonly string[];
	/** How many were asked for, where there are fewer. */
	readonly scenariosAsked?: number;
}

/** What page and command line ask for: parts with those options that are not as usual. */
export interface RunChoices extends ChosenScenarios, Partial<Readonly<Record<PartRole, ChosenPart>>> {
	/** Unsigned 32 bit. */
	readonly seed?: number;
	/** How often each scenario is taken; once by default. */
	readonly trials?: number;
}

/** The parts where nobody says which: those of the paper. */
export const defaultParts = {
	strategy: { kind: 'josh' },
	agent: { kind: 'function-calling' },
	user: { kind: 'goal' },
	reward: { kind: 'goal-calls' }
} as const satisfies Partial<Record<PartRole, ChosenPart>>;

/** The kind of reward that suits an environment: the usual one, or words where no scenario sets a goal that is a call. */
export function suitedReward({ scenarios }: Pick<EnvironmentSummary, 'scenarios'>): string {
	const hasOnlyWords = scenarios.every(({ goals }) => goals === 0) && scenarios.some(({ says }) => says > 0);
	return hasOnlyWords ? 'said' : defaultParts.reward.kind;
}

export const defaultSeed = 1;

/** The configuration with every option of every part. What is wrong in it, `checkRunConfig` says. */
export function createRunConfig({
	scenarios,
	scenariosAsked,
	trials,
	seed,
	...parts
}: RunChoices): RunConfig {
	const chosen = { ...defaultParts, ...parts };
	const complete = (role: PartRole): ChosenPart | undefined => {
		const part = chosen[role];
		if (!part || !partLists[role].has(part.kind)) return part;
		const parsed = v.safeParse(partLists[role].get(part.kind).options, optionsOf(part));
		return parsed.success ? { kind: part.kind, ...parsed.output } : part;
	};
	const score = complete('score');
	return {
		scenarios: [...scenarios],
		...(scenariosAsked !== undefined && { scenariosAsked }),
		...(trials !== undefined && trials > 1 && { trials }),
		seed: seed ?? defaultSeed,
		strategy: complete('strategy')!,
		agent: complete('agent')!,
		user: complete('user')!,
		reward: complete('reward')!,
		...(score && { score })
	};
}

/** A configuration was refused; the message has one line for each wrong value. */
export class RunConfigError extends Error {
	override readonly name = 'RunConfigError';
}

function refusal(problems: readonly string[]): RunConfigError {
	return new RunConfigError(`This run cannot be made:\n${problems.join('\n')}`);
}

/** Something that has scenarios: an environment, or what the page knows of one. */
interface Scenarios {
	readonly id: string;
	readonly scenarios: readonly { readonly id: string; readonly split: Split }[];
}

/**
 * The first scenarios of a split: as many as are asked for, or all where there are fewer or nothing is said.
 * @throws {RunConfigError} if that is not a number of scenarios, or the split has none
 */
export function firstScenarios({ id, scenarios }: Scenarios, split: Split, asked?: number): ChosenScenarios {
	if (asked !== undefined && !(Number.isInteger(asked) && asked >= 1))
		throw new RunConfigError(
			`The number of scenarios must be a whole number from 1${Number.isNaN(asked) ? '' : `, not ${asked}`}.`
		);
	const available = scenarios.filter((scenario) => scenario.split === split);
	if (available.length === 0)
		throw new RunConfigError(`The ${split} split of "${id}" has no scenarios. Choose another split.`);
	return {
		scenarios: available.slice(0, asked).map((scenario) => scenario.id),
		...(asked !== undefined && asked > available.length && { scenariosAsked: asked })
	};
}

/** What is to be told where there are fewer scenarios than were asked for. */
export function fewerScenarios({ scenarios, scenariosAsked }: ChosenScenarios): string | undefined {
	if (scenariosAsked === undefined) return undefined;
	const count = (value: number) => value.toLocaleString('en-US');
	return `${count(scenariosAsked)} scenarios were asked for; only ${count(scenarios.length)} are available, and all are used.`;
}

/** @throws {RunConfigError} if a run could not be made or would not end with this configuration */
export function checkRunConfig(config: RunConfig, environment: EnvironmentFacts): void {
	const { scenarios, seed, trials } = config;
	const known = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	const unknown = scenarios.filter((id) => !known.has(id));
	const problems = [
		scenarios.length === 0 && 'scenarios: there are none; choose at least one',
		unknown.length > 0 &&
			`scenarios: "${environment.id}" has no ${short(unknown)}; choose from its scenarios`,
		new Set(scenarios).size < scenarios.length && 'scenarios: some are named twice; name each once',
		whole('seed', seed, 0, 2 ** 32 - 1),
		trials !== undefined && whole('trials', trials, 1, 1000),
		...problemsInParts(config)
	].filter((problem) => typeof problem === 'string');
	if (problems.length > 0) throw refusal(problems);
	const misfits = misfitsIn(config, environment);
	if (misfits.length > 0) throw refusal(misfits);
}

function problemsInParts(config: Partial<Readonly<Record<PartRole, ChosenPart>>>): string[] {
	return partRoles.flatMap((role) => {
		const chosen = config[role];
		if (!chosen) return [];
		const list = partLists[role];
		if (!list.has(chosen.kind))
			return [`${role}: there is no "${chosen.kind}"; there are ${list.kinds.join(', ')}`];
		return problemsIn(list.get(chosen.kind).options, optionsOf(chosen), role);
	});
}

/** Parts that have nothing to go by in some of the scenarios. */
function misfitsIn({ scenarios, user, reward, score }: RunConfig, environment: EnvironmentFacts): string[] {
	const known = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	const parts = [
		['user', users.get(user.kind), user],
		['reward', rewards.get(reward.kind), reward],
		...(score ? [['score', rewards.get(score.kind), score] as const] : [])
	] as const;
	return parts.flatMap(([role, part, chosen]) => {
		const reasons = new Map<string, string[]>();
		for (const id of scenarios) {
			const reason = part.unfit?.(known.get(id)!, environment, optionsOf(chosen));
			if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), id]);
		}
		return [...reasons].map(
			([reason, ids]) =>
				`${role} "${part.kind}" does not fit ${ids.length} of the scenarios (${short(ids)}): ${reason}`
		);
	});
}

function whole(where: string, value: number, low: number, high: number): string | false {
	const isWhole = Number.isInteger(value) && value >= low && value <= high;
	return !isWhole && `${where}: must be a whole number from ${low} to ${high}, not ${value}`;
}

function short(ids: readonly string[]): string {
	return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}

/**
 * One core is left to the page and the system; beyond eight engines memory counts more than cores.
 * @param cores e.g. `navigator.hardwareConcurrency`
 */
export function defaultWorkers(cores: number): number {
	return Math.max(1, Math.min(8, cores - 1));
}
