import type { Split } from '../environment/environment.ts';
import { plainSampling, type Sampling } from '../models/language-model.ts';
import { defaultSearchOptions } from '../search/josh/options.ts';
import type { RunConfig } from '../search/run-config.ts';

/** Scenarios for a run, or for an evaluation. */
export interface ChosenScenarios {
	/** Ids. */
	readonly scenarios: readonly string[];
	/** How many were asked for, where there are fewer. */
	readonly scenariosAsked?: number;
}

/** What page and command line ask for; everything else of a configuration follows from it. */
export interface RunChoices extends ChosenScenarios {
	/** Unsigned 32 bit. */
	readonly seed?: number;
	readonly beam?: number;
	readonly maxSteps?: number;
	readonly agentTemperature?: number;
	readonly userTemperature?: number;
	/** Of one message. */
	readonly maxTokens?: number;
}

/**
 * The paper's figures where it has them. A message of the embedded model is shorter than `maxTokens` unless it rambles, and then it
 * should be stopped early: the context is small.
 */
export const defaultChoices = {
	seed: 1,
	beam: defaultSearchOptions.beam,
	maxSteps: defaultSearchOptions.maxSteps,
	agentTemperature: 1,
	userTemperature: 0.3,
	maxTokens: 120
} as const;

export function createRunConfig(choices: RunChoices): RunConfig {
	const { scenarios, scenariosAsked, seed, beam, maxSteps, agentTemperature, userTemperature, maxTokens } = {
		...defaultChoices,
		...choices
	};
	const sampling = (temperature: number): Sampling => ({ ...plainSampling, temperature, maxTokens });
	return {
		scenarios: [...scenarios],
		...(scenariosAsked !== undefined && { scenariosAsked }),
		seed,
		search: { ...defaultSearchOptions, beam, maxSteps },
		agent: { kind: 'function-calling', sampling: sampling(agentTemperature) },
		user: { kind: 'goal', sampling: sampling(userTemperature) }
	};
}

/** A configuration was refused; the message has one line for each wrong value. */
export class RunConfigError extends Error {
	override readonly name = 'RunConfigError';
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
export function checkRunConfig(config: RunConfig, environment: Scenarios): void {
	const { scenarios, seed, search, agent, user } = config;
	const known = new Set(environment.scenarios.map(({ id }) => id));
	const unknown = scenarios.filter((id) => !known.has(id));
	const problems = [
		scenarios.length === 0 && 'scenarios: there are none; choose at least one',
		unknown.length > 0 &&
			`scenarios: "${environment.id}" has no ${short(unknown)}; choose from its scenarios`,
		new Set(scenarios).size < scenarios.length && 'scenarios: some are named twice; name each once',
		whole('seed', seed, 0, 2 ** 32 - 1),
		whole('search.beam', search.beam, 1, 1024),
		whole('search.tries', search.tries, 1, 1000),
		whole('search.maxSteps', search.maxSteps, 1, 1000),
		whole('search.restarts', search.restarts, 0, 1000),
		...samplingProblems('agent', agent.sampling),
		...samplingProblems('user', user.sampling)
	].filter((problem) => typeof problem === 'string');
	if (problems.length > 0) throw new RunConfigError(`This run cannot be made:\n${problems.join('\n')}`);
}

function samplingProblems(role: string, sampling: Sampling): (string | false)[] {
	const at = `${role}.sampling`;
	return [
		within(`${at}.temperature`, sampling.temperature, 0, 5),
		within(`${at}.topP`, sampling.topP, 0, 1),
		whole(`${at}.topK`, sampling.topK, 0, 1_000_000),
		within(`${at}.minP`, sampling.minP, 0, 1),
		whole(`${at}.maxTokens`, sampling.maxTokens, 1, 1_000_000)
	];
}

function within(where: string, value: number, low: number, high: number): string | false {
	return (
		!(value >= low && value <= high) && `${where}: must be a number from ${low} to ${high}, not ${value}`
	);
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
