import type { Part } from '../base/part.ts';
import type { ExecutedCall } from '../environment/environment.ts';
import type { AgentStep } from '../talk/participants.ts';
import type { SearchEvent, WantedStep } from './events.ts';
import type { SearchRules, SearchTree } from './tree.ts';

/** What a step is scored by. */
export interface Scored {
	readonly calls: readonly ExecutedCall[];
	/** Positions of the goals that it may earn. */
	readonly left: readonly number[];
}

/** A way to have conversations about a scenario: a fold over events. All functions are pure. */
export interface Strategy extends Part {
	/** The tree before any step. */
	plant(rules: SearchRules): SearchTree;
	/** Folds the outcome of the first pending step into the tree; the given tree stays as it is. */
	apply(tree: SearchTree, event: SearchEvent): SearchTree;
	/** Agents end their steps with the first action, and not only with the turn. */
	isByAction(rules: SearchRules): boolean;
	/** By what an agent's step is scored; nothing if it earns nothing whatever it did. */
	scoreAgent(tree: SearchTree, step: WantedStep, outcome: AgentStep): Scored | undefined;
	/** The same of a user's step, for goals that it makes true. */
	scoreUser(tree: SearchTree, step: WantedStep): Pick<Scored, 'left'> | undefined;
}
