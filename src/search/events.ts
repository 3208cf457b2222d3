import type { Earned, RewardGoal } from '../talk/rewards/reward-part.ts';
import type { AgentStep, UserStep } from '../talk/participants.ts';
import type { Component } from '../environment/environment.ts';

/**
 * Raised when the meaning of a stored event changes; runs of another version are read, not continued.
 * - 1: what a step earned had to be found out again from its calls.
 * - 2: `earned`, `goals` and `verdict` say it.
 */
export const eventSchema = 2;

/** Which step of which branch. The path (letters) runs from the opening and is never re-based by a collapse. */
export interface StepAddress {
	readonly path: string;
	/** Agent turns before this one in the same node (several only at the beam limit). */
	readonly turn: number;
}

/** What the reward that scores makes of a finished conversation. */
export interface Verdict {
	/** From 0 to 1. */
	readonly score: number | 'unknown';
	readonly components: readonly Component[];
}

/** What is said of a step when it ends; it was found out once, and is never asked for again. */
export interface Judged {
	/** Number of the event in its scenario and trial, from 0. */
	readonly n: number;
	/** The goals of the scenario, in the first event: positions are places in this list. */
	readonly goals?: readonly RewardGoal[];
	/** What the step earned, of the goals that were left; absent if nothing. */
	readonly earned?: readonly Earned[];
	/** In the last event, where a reward of its own scores. */
	readonly verdict?: Verdict;
}

export interface AgentEvent extends StepAddress, AgentStep, Judged {
	readonly kind: 'agent';
	/** Try within the turn, from 0. */
	readonly try: number;
}

export interface UserEvent extends StepAddress, UserStep, Judged {
	readonly kind: 'user';
}

/** One finished step: all that is ever stored of a search. Plain JSON. */
export type SearchEvent = AgentEvent | UserEvent;

/** A step that is wanted next. */
export type WantedStep =
	| ({ readonly kind: 'agent'; readonly try: number } & StepAddress)
	| ({ readonly kind: 'user' } & StepAddress);
