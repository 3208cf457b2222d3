import { fieldsOf, valueAt } from '../base/options.ts';
import { optionsOf, type ChosenPart } from '../base/part.ts';
import type { Environment, EnvironmentFacts, Scenario } from '../environment/environment.ts';
import type { Message } from '../dialogue/message.ts';
import { agents } from '../talk/agents/agents.ts';
import type { TalkModel } from '../talk/answer.ts';
import type { Transcript } from '../talk/participants.ts';
import { rewards } from '../talk/rewards/rewards.ts';
import type { Reward } from '../talk/rewards/reward-part.ts';
import { users } from '../talk/users/users.ts';
import type { AskPerson } from '../talk/users/user-part.ts';
import { partRoles, type PartRole, type RunConfig, type RunOrigin } from './run-config.ts';
import { Scorer } from './scoring.ts';
import type { SearchJob } from './search.ts';
import { strategies } from './strategies.ts';

/** The list that each role of a configuration takes its part from. */
export const partLists = {
	strategy: strategies,
	agent: agents,
	user: users,
	reward: rewards,
	score: rewards
} as const;

/** What the parts of a run need beside their options. */
export interface RunNeeds {
	readonly environment: Environment;
	readonly agentModel: TalkModel;
	readonly userModel: TalkModel;
	readonly ask?: AskPerson;
}

/**
 * Makes the searches of a configuration.
 * @throws {RangeError} if it names a part that is not there
 */
export function composeRun(
	config: RunConfig,
	{ environment, agentModel, userModel, ask }: RunNeeds
): (scenario: Scenario, trial: number) => SearchJob {
	const agent = agents.get(config.agent.kind).create(optionsOf(config.agent), agentModel);
	const user = users
		.get(config.user.kind)
		.create(optionsOf(config.user), { model: userModel, ...(ask && { ask }) });
	const { seed, strategy } = config;
	return (scenario, trial) => ({
		environment,
		scenario,
		agent,
		user,
		strategy,
		seed,
		trial,
		scorer: scorerOf(config, environment, scenario)
	});
}

/** What judges the steps of a scenario. */
export function scorerOf(
	{ reward, score }: Pick<RunConfig, 'reward' | 'score'>,
	environment: Environment,
	scenario: Scenario
): Scorer {
	const of = (chosen: ChosenPart): Reward =>
		rewards.get(chosen.kind).create(optionsOf(chosen), { scenario, environment });
	return new Scorer(of(reward), score && of(score));
}

/** The conversation as the agent of a configuration is shown it. */
export function viewOfAgent(
	{ agent }: Pick<RunConfig, 'agent'>,
	facts: EnvironmentFacts,
	transcript: Transcript
): Message[] {
	return agents.get(agent.kind).view(facts, transcript, optionsOf(agent));
}

/** A part and its options in words: `JOSH: beam 8, turn limit 15`; those that most people never change only where someone did. */
export function partWords(role: PartRole, chosen: ChosenPart): string {
	const { label, options } = partLists[role].get(chosen.kind);
	const words = fieldsOf(options).flatMap((field) => {
		const value = valueAt(optionsOf(chosen), field.path) ?? field.default;
		if (field.rare && String(value) === String(field.default)) return [];
		return `${field.label.toLowerCase()} ${Array.isArray(value) ? value.join(' and ') : String(value)}`;
	});
	return words.length === 0 ? label : `${label}: ${words.join(', ')}`;
}

/** The versions of the parts that a configuration names. @throws {RangeError} if one is not there */
export function versionsOf(config: RunConfig): RunOrigin['parts'] {
	return Object.fromEntries(
		partRoles.flatMap((role: PartRole) => {
			const chosen = config[role];
			return chosen ? [[role, partLists[role].get(chosen.kind).version]] : [];
		})
	);
}
