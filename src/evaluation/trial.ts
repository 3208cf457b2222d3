import type { Scenario } from '../environment/environment.ts';
import type { Conversation } from './conversation.ts';
import { causeOfFailure, isMalformedCall, type Cause, type noGoals } from './cause.ts';

/** One of several conversations about the same scenario. */
export interface TrialId {
	readonly scenario: string;
	/** From 0. */
	readonly trial: number;
}

/** One finished conversation, as far as the figures look at it. Plain JSON. */
export interface TrialRow extends TrialId {
	readonly domains: readonly string[];
	/** Earned goals / goals; `null` if the scenario sets none: then it is neither a success nor a failure. */
	readonly reward: number | null;
	readonly success: boolean;
	/** Absent after a success. */
	readonly cause?: Cause | typeof noGoals;
	readonly endedByUser: boolean;
	/** Why agent or user could not go on; absent where nothing kept them from it. */
	readonly error?: string;
	readonly agentTurns: number;
	/** Tool calls that could be read, and those that could not. */
	readonly calls: { readonly parsed: number; readonly malformed: number; readonly rejected: number };
	/** Values that the user simulator stated although its goals do not hold them. */
	readonly inventedByUser: number;
	readonly tokens: { readonly prompt: number; readonly completion: number };
	/** Its share of wall time: how long it took, over the number of conversations that ran side by side. */
	readonly seconds: number;
}

/** A row with what was said, for the reader who wants to know why. */
export interface Trial {
	readonly row: TrialRow;
	readonly transcript: Conversation['transcript'];
}

/** What a conversation comes down to. */
export function trialRow(
	{ id, domains }: Pick<Scenario, 'id' | 'domains'>,
	trial: number,
	conversation: Conversation,
	measured: { readonly goals: number; readonly invented: number; readonly seconds: number }
): TrialRow {
	const { transcript, calls, agentTurns, end, reward, tokens } = conversation;
	const success = conversation.failed.length === 0 && measured.goals > 0;
	return {
		scenario: id,
		trial,
		domains,
		reward: measured.goals > 0 ? reward : null,
		success,
		...(!success && { cause: causeOfFailure(conversation) }),
		endedByUser: end.reason === 'user',
		...(end.reason === 'error' && { error: end.error }),
		agentTurns,
		calls: {
			parsed: calls.length,
			malformed: transcript.filter(isMalformedCall).length,
			rejected: calls.filter(({ ok }) => !ok).length
		},
		inventedByUser: measured.invented,
		tokens,
		seconds: measured.seconds
	};
}
