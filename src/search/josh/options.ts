import type { StoredMessage } from '../../dialogue/message.ts';
import type { ExecutedCall } from '../../environment/environment.ts';

/** The parameters of one JOSH search; all are recorded with a run. */
export interface SearchOptions {
	/** Open leaves at the most. The paper: 8. */
	readonly beam: number;
	/** Agent steps in a turn at the most, for agents that answer `continue`. */
	readonly tries: number;
	/** Search steps (an agent phase and a user phase) at the most. The paper: 15. */
	readonly maxSteps: number;
	/** `published` follows the paper's code to the letter; `mended` leaves out Q1, Q2 and Q4. */
	readonly quirks: 'published' | 'mended';
	/** Credit every goal that the first leaf to hit earned in its turn, not only those of its first try (Q3). */
	readonly creditWholeTurn: boolean;
	/** When all branches have ended, start again from the last root, at most this often in a row (Q23). 0 is the paper. */
	readonly restarts: number;
}

export const defaultSearchOptions: SearchOptions = {
	beam: 8,
	tries: 10,
	maxSteps: 15,
	quirks: 'mended',
	creditWholeTurn: false,
	restarts: 0
};

/** What a leaf is given when its tries are used up. */
export interface ExhaustedTries {
	readonly messages: readonly StoredMessage[];
	/** Replaces the leaf's recent calls, if present. */
	readonly calls?: readonly ExecutedCall[];
}
