import type { AgentStep, UserStep } from '../talk/participants.ts';

/** Raised when the meaning of a stored event changes; runs of another version are read, not continued. */
export const eventSchema = 1;

/** Which step of which branch. The path (`L`, `R`) runs from the opening and is never re-based by a collapse. */
export interface StepAddress {
	readonly path: string;
	/** Agent turns before this one in the same node (several only at the beam limit). */
	readonly turn: number;
}

export interface AgentEvent extends StepAddress, AgentStep {
	readonly kind: 'agent';
	/** Number of the event in its scenario, from 0. */
	readonly n: number;
	/** Try within the turn, from 0. */
	readonly try: number;
}

export interface UserEvent extends StepAddress, UserStep {
	readonly kind: 'user';
	readonly n: number;
}

/** One finished step: all that is ever stored of a search. Plain JSON. */
export type SearchEvent = AgentEvent | UserEvent;
