import * as v from 'valibot';
import type { JsonObject } from '../../base/json.ts';
import type { OptionsSchema, Part } from '../../base/part.ts';
import type { StoredMessage } from '../../dialogue/message.ts';
import type {
	Call,
	Component,
	Environment,
	EnvironmentFacts,
	EnvironmentState,
	ExecutedCall,
	Scenario
} from '../../environment/environment.ts';

/** One sparse reward: something that is to come about in a conversation, once. */
export interface RewardGoal {
	/** No other goal of the scenario has it. */
	readonly id: string;
	/** In a few words, for people. */
	readonly label: string;
	/** The call that earns it, where one does. */
	readonly call?: Call;
}

/** What just happened in a conversation, and how things stand after it. */
export interface Happened {
	readonly by: 'agent' | 'user';
	readonly calls: readonly ExecutedCall[];
	/** Those of the step. */
	readonly messages: readonly StoredMessage[];
	/** All of the conversation, those of the step last. */
	readonly transcript: readonly StoredMessage[];
	readonly state: EnvironmentState;
}

/** What a step earned: a position in the goals, or one call more than there were goals for it (Q4). */
export type Earned = number | 'surplus';

/** A finished conversation. */
export interface Finished {
	readonly transcript: readonly StoredMessage[];
	readonly state: EnvironmentState;
	/** Positions of the goals of the same reward that were earned on the way, if it guided the search. */
	readonly earned?: readonly number[];
	/** The agent's, in order. */
	readonly calls: readonly ExecutedCall[];
}

/** A rule of what conversations are worth, for one scenario. */
export interface Reward {
	readonly goals: readonly RewardGoal[];
	/** What a step earns of the goals at the positions in `left`, each at most once, in order of earning. */
	match(happened: Happened, left: readonly number[]): Promise<readonly Earned[]>;
	/** What the end of a conversation is worth: components from 0 to 1, of which the score is the product. */
	score(finished: Finished): Promise<readonly Component[]>;
}

/** Where a reward is to hold. */
export interface RewardPlace {
	readonly scenario: Scenario;
	readonly environment: Environment;
}

/** A kind of reward. */
export interface RewardPart extends Part {
	/** Why it has nothing to go by in a scenario; absent if it has. A scenario without goals is fit: it earns nothing. */
	unfit?(scenario: Scenario, facts: EnvironmentFacts, options: JsonObject): string | undefined;
	create(options: JsonObject, place: RewardPlace): Reward;
}

/** A reward with its options typed. */
export function rewardPart<Schema extends OptionsSchema>(part: {
	readonly kind: string;
	readonly version: number;
	readonly label: string;
	readonly options: Schema;
	unfit?(scenario: Scenario, facts: EnvironmentFacts, options: v.InferOutput<Schema>): string | undefined;
	create(options: v.InferOutput<Schema>, place: RewardPlace): Reward;
}): RewardPart {
	const { unfit } = part;
	return {
		...part,
		...(unfit && {
			unfit: (scenario, facts, options) => unfit(scenario, facts, v.parse(part.options, options))
		}),
		create: (options, place) => part.create(v.parse(part.options, options), place)
	} as RewardPart;
}

/** What components come to: their product. One that is 0 decides whatever is unknown; else what is unknown stays so. */
export function scoreOf(components: readonly Component[]): number | 'unknown' {
	if (components.some(({ value }) => value === 0)) return 0;
	let product = 1;
	for (const { value } of components) {
		if (value === 'unknown') return 'unknown';
		product *= value;
	}
	return product;
}

/** A goal as a call: `book_hotel(people 3, day "Monday")`. */
export function callLabel({ name, arguments: args }: Call): string {
	const written = Object.entries(args).map(
		([key, value]) => `${key} ${typeof value === 'bigint' ? value : JSON.stringify(value)}`
	);
	return `${name}(${written.join(', ')})`;
}
