import type { StoredMessage } from '../dialogue/message.ts';
import type { Environment, EnvironmentState, ExecutedCall, Scenario } from '../environment/environment.ts';

/** Tokens that a step cost. Cached prompt tokens are not told apart: that depends on scheduling. */
export interface Tokens {
	readonly prompt: number;
	readonly completion: number;
}

export interface StepContext {
	readonly environment: Environment;
	readonly scenario: Scenario;
	/** The seed of the step's `attempt`-th generation, counted from 0. */
	readonly seed: (attempt: number) => number;
	/** The same in all steps of a search or conversation, for participants that must stay consistent without a memory. Unsigned 32 bit. */
	readonly conversationSeed: number;
	/** A step of the agent ends with its first action, a call or words, and not only with its turn. */
	readonly oneAction?: boolean;
	readonly signal?: AbortSignal;
	/** Text being written, for the screen only. */
	readonly onText?: (text: string) => void;
}

/**
 * One agent turn or a part of it.
 * - `finished`: a reply closed the turn. `continue`: the agent wants to be called again in this turn.
 * - `over`: the conversation cannot go on. `raised`: it failed; `error` says why. Both end the branch.
 */
export interface AgentStep {
	readonly outcome: 'finished' | 'continue' | 'over' | 'raised';
	readonly messages: readonly StoredMessage[];
	/** Absent when the step failed before it made any call (JOSH then keeps the calls of the turn before, Q1). */
	readonly calls?: readonly ExecutedCall[];
	readonly error?: string;
	readonly tokens: Tokens;
}

export interface UserStep {
	readonly messages: readonly StoredMessage[];
	/** With the user's own tools; absent without any. */
	readonly calls?: readonly ExecutedCall[];
	/** The user ended the conversation, or cannot go on; then `error` says why. */
	readonly over: boolean;
	/** It failed in a way that ends the paper's whole search (recorded traces only; our users end with `over` and `error`). */
	readonly raised?: true;
	readonly error?: string;
	readonly tokens: Tokens;
}

/** The conversation so far, as all sides together saw it. */
export type Transcript = readonly StoredMessage[];

export interface Agent {
	/**
	 * `state` is the environment's before the step. Rejects when `signal` aborts and on what says nothing of this conversation (a
	 * model that cannot be loaded, a bug): the step is then taken again later. Every other failure is an outcome.
	 */
	step(transcript: Transcript, state: EnvironmentState, context: StepContext): Promise<AgentStep>;
}

export interface UserSimulator {
	/** As `Agent.step`. */
	step(transcript: Transcript, state: EnvironmentState, context: StepContext): Promise<UserStep>;
}
