import * as v from 'valibot';
import type { SearchRules } from '../tree.ts';
import { choice, number, options, toggle, whole } from '../../base/options.ts';

/** The parameters of one JOSH search; all are recorded with a run. */
export const joshOptions = options({
	/** Open leaves at the most. The paper: 8. */
	beam: whole(1, 1024, 8, { label: 'Beam', hint: 'branches open at once' }),
	/** Agent steps in a turn at the most, for agents that answer `continue`. */
	tries: whole(1, 1000, 10, {
		label: 'Tries',
		hint: 'steps of an agent in one turn, for agents that take several',
		flag: 'agent-tries',
		rare: true
	}),
	/** Search steps (an agent phase and a user phase) at the most. The paper: 15. */
	maxSteps: whole(1, 1000, 15, { label: 'Turn limit', hint: 'agent turns a conversation' }),
	/** `published` follows the paper's code to the letter; `fixed` leaves out Q1, Q2 and Q4. */
	quirks: choice(['fixed', 'published'], 'fixed', {
		label: 'Search rules',
		hint: 'as published to the letter, or without its slips',
		rare: true
	}),
	/** Credit every goal that the first leaf to hit earned in its turn, not only those of its first try (Q3). */
	creditWholeTurn: toggle(false, {
		label: 'Credit the whole turn',
		hint: 'all goals of the turn that hit, not only those of its first try',
		rare: true
	}),
	/** When all branches have ended, start again from the last root, at most this often in a row (Q23). 0 is the paper. */
	restarts: whole(0, 1000, 0, {
		label: 'Restarts',
		hint: 'new starts from the last root when all branches have ended',
		rare: true
	}),
	/** Where branches part: at each turn of the agent, as published, or at each of its actions (a call or words). */
	fork: choice(['turn', 'action'], 'turn', {
		label: 'Fork at each',
		hint: 'turn of the agent, or action: a call or words'
	}),
	/**
	 * What each call beyond the number of goals takes off the score; above 0, the hit with the fewest calls since the last root is taken first.
	 * 0 is the paper.
	 */
	callPrice: number(0, 1, 0, {
		label: 'Price of a call',
		hint: 'taken off the score for each call beyond the goals, e.g. 0.02'
	})
});

export type SearchOptions = Readonly<v.InferOutput<typeof joshOptions>>;

export const defaultSearchOptions: SearchOptions = v.parse(joshOptions, {});

/** Those of a tree's rules, which `plant` completed. */
export function joshRules({ strategy }: Pick<SearchRules, 'strategy'>): SearchOptions {
	return strategy as unknown as SearchOptions;
}
