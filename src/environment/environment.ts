import type { Json, JsonObject } from '../base/json.ts';
import type { CallArguments } from '../dialogue/call-arguments.ts';
import type { StoredMessage } from '../dialogue/message.ts';
import type { ToolSpec } from '../dialogue/tool.ts';

export type Split = 'train' | 'val' | 'test';

/** A call to make, by name. */
export interface Call extends CallArguments {
	readonly name: string;
}

/** A call that was made. `ok` is false when the environment rejected it; `result` then says why. */
export interface ExecutedCall extends Call {
	readonly result: Json;
	readonly ok: boolean;
}

/**
 * One sparse reward: a call that must be made.
 * - `subset`: every goal argument is in the call (ToolWOZ bookings).
 * - `either_subset`: goal arguments in the call or call arguments in the goal (ToolWOZ searches).
 * `returnsFirst`: these members must be those of the first row that the call returned.
 */
export interface Goal extends Call {
	readonly id: string;
	readonly match: 'subset' | 'either_subset';
	readonly returnsFirst?: JsonObject;
}

/** Something that the agent must say, and what it must not. Case, accents and the form of numbers do not count. */
export interface SaidGoal {
	readonly id: string;
	/** One of these, in whole words. */
	readonly any: readonly string[];
	/** None of these, in no message. */
	readonly not?: readonly string[];
}

/** A line of a dialogue that people led about a task. */
export interface SourceLine {
	readonly speaker: 'agent' | 'customer';
	readonly text: string;
}

/** One user's task. `userGoals` are sentences that tell the user simulator what it wants. */
export interface Scenario {
	readonly id: string;
	readonly split: Split;
	readonly domains: readonly string[];
	readonly userGoals: readonly string[];
	readonly goals: readonly Goal[];
	/** What the agent must say; for rewards by words. */
	readonly says?: readonly SaidGoal[];
	/** A dialogue that people led about it; for the guide-based user simulator. */
	readonly dialogue?: readonly SourceLine[];
}

/** Who calls a tool. */
export type Actor = 'agent' | 'user';

/**
 * A state of an environment: a value that only its environment looks into. It never changes, so a fork of a branch copies nothing. A call that
 * changes nothing gives the same state back.
 */
export type EnvironmentState = object;

/** What tables hold, by name. */
export type Tables = { readonly [table: string]: readonly JsonObject[] };

export interface EnvironmentPrompts {
	/** The agent's system message; tools are told of separately. */
	readonly agent: string;
	/** The user simulator's system message; `{{goals}}` and `{{stop}}` are filled in. */
	readonly user: string;
	/** The words with which the user simulator ends the conversation. */
	readonly stop: string;
}

/** What is known of an environment without carrying anything out. */
export interface EnvironmentFacts {
	/** SHA-256 of the pack that describes it. */
	readonly hash: string;
	readonly id: string;
	readonly title: string;
	/** Of what it is made of. */
	readonly license: string;
	/** What is spoken in its conversations, as BCP 47 tags; absent if its maker does not say. */
	readonly languages?: readonly string[];
	/** The agent's. */
	readonly tools: readonly ToolSpec[];
	/** Those of the user simulator, where it has some (dual control). */
	readonly userTools?: readonly ToolSpec[];
	readonly prompts: EnvironmentPrompts;
	readonly scenarios: readonly Scenario[];
	/** What of its description is not taken as it says: a sentence each, without its full stop. Runs tell of them and store them. */
	readonly warnings?: readonly string[];
}

/** One thing that a check of the end looks at: from 0 to 1, or `unknown` where only a person or a judge could tell. */
export interface Component {
	readonly name: string;
	readonly value: number | 'unknown';
}

/**
 * The world that conversations are about: tools over a state. Equal calls on equal states give equal results; who keeps a state hands it
 * back with `release` where the environment has something to let go of.
 */
export interface Environment extends EnvironmentFacts {
	initial(scenario: Scenario): Promise<EnvironmentState>;
	/** Rejects only for a fault of its own: an unknown tool or bad arguments give `ok: false` and a result that says what to correct. */
	call(
		state: EnvironmentState,
		actor: Actor,
		call: Call
	): Promise<{ readonly state: EnvironmentState; readonly executed: ExecutedCall }>;
	/** What the tables of a state hold; absent where a state is no tables. */
	tables?(state: EnvironmentState): Promise<Tables>;
	/** What the environment itself says of the end of a conversation; absent if it has no opinion. */
	check?(
		scenario: Scenario,
		state: EnvironmentState,
		transcript: readonly StoredMessage[]
	): Promise<readonly Component[]>;
	release?(state: EnvironmentState): void;
}
