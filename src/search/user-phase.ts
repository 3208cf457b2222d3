import type { UserEvent } from './events.ts';
import { endStep, goOn } from './step-end.ts';
import { changeNode, type Ending, type SearchTree } from './tree.ts';

/** One step of a user simulator (section 2.3). */
export function applyUser(tree: SearchTree, event: UserEvent): SearchTree {
	const { phase, rules } = tree;
	if (phase.kind !== 'user') throw new Error('no step of the user is wanted');
	const { path, over, raised, error } = event;

	if (raised && rules.options.quirks === 'published') {
		// The paper's code lets the exception out of the step: the search ends.
		const message = error ?? 'the user simulator raised';
		return { ...tree, done: { reason: 'error', cause: 'user', message } };
	}
	const isOver = over || raised === true;
	const changed = changeNode(tree, path, (node) => ({
		...node,
		entries: [...node.entries, event],
		over: isOver ? endingOf(event) : node.over
	}));
	const leaves = isOver ? tree.leaves.filter((leaf) => leaf !== path) : tree.leaves;
	const waiting = phase.waiting.slice(1);
	const next: SearchTree = { ...changed, leaves, phase: { ...phase, waiting } };
	if (waiting.length > 0) return next;
	return phase.closesStep ? endStep(next) : goOn(next);
}

function endingOf({ error }: UserEvent): Ending {
	return error === undefined ? { by: 'user' } : { by: 'user', error };
}
