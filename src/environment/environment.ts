import type { Json, JsonObject } from '../base/json.ts';
import type { CallArguments } from '../dialogue/call-arguments.ts';
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

/** One user's task. `userGoals` are sentences that tell the user simulator what it wants. */
export interface Scenario {
	readonly id: string;
	readonly split: Split;
	readonly domains: readonly string[];
	readonly userGoals: readonly string[];
	readonly goals: readonly Goal[];
}

/** Tables by name: immutable JSON with structural sharing, so a fork of a branch copies nothing. */
export type EnvironmentState = { readonly [table: string]: readonly JsonObject[] };

export interface EnvironmentPrompts {
	/** The agent's system message; tools are told of separately. */
	readonly agent: string;
	/** The user simulator's system message; `{{goals}}` and `{{stop}}` are filled in. */
	readonly user: string;
	/** The words with which the user simulator ends the conversation. */
	readonly stop: string;
}

/** Tables, tools over them, prompts and scenarios. Every method is pure and deterministic. */
export interface Environment {
	/** SHA-256 of the pack that describes it. */
	readonly hash: string;
	readonly id: string;
	readonly title: string;
	/** Of what it is made of. */
	readonly license: string;
	/** What is spoken in its conversations, as BCP 47 tags; absent if its maker does not say. */
	readonly languages?: readonly string[];
	readonly tools: readonly ToolSpec[];
	/** The tools in a few words each, for small models. */
	readonly toolsText: string;
	readonly prompts: EnvironmentPrompts;
	readonly scenarios: readonly Scenario[];
	initial(scenario: Scenario): EnvironmentState;
	/** Never throws: an unknown tool or bad arguments give `ok: false` and a result that says what to mend. */
	call(state: EnvironmentState, call: Call): { state: EnvironmentState; executed: ExecutedCall };
	/** Does this call earn this goal? */
	earns(goal: Goal, executed: ExecutedCall): boolean;
}
