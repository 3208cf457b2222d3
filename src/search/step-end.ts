import { beginStep, newChild } from './expand.ts';
import { changeNode, nodeAt, type SearchTree } from './tree.ts';

/** Ends a step: done, a new start, or the next step (sections 2.2, 4 and 2.4). */
export function endStep(tree: SearchTree): SearchTree {
	const steps = tree.steps + 1;
	const after = { ...tree, steps };
	if (tree.left.length === 0) return { ...after, done: { reason: 'goals' } };
	return goOn(after);
}

/** After a step or the user's words at a new start. */
export function goOn(tree: SearchTree): SearchTree {
	const { maxSteps, restarts } = tree.rules.options;
	const isAtLimit = tree.steps >= maxSteps;
	if (tree.leaves.length > 0) return isAtLimit ? { ...tree, done: { reason: 'steps' } } : beginStep(tree);
	if (tree.start && !isAtLimit && tree.restarts < restarts) return startAgain(tree);
	return { ...tree, done: { reason: 'ended' } };
}

/**
 * Goes back to the last root as it was when it became the root (Q23; the paper's code stops instead): a fresh child of it, named `S`,
 * goes on from there. The next such child hangs below the first, so that every start has seeds of its own.
 */
function startAgain(tree: SearchTree): SearchTree {
	const { path, entries, recent, next } = tree.start!;
	const child = newChild(nodeAt(tree, path), 'S', entries, recent);
	const forked = changeNode(tree, path, (node) => ({ ...node, children: [...node.children, child] }));
	const after: SearchTree = {
		...forked,
		leaves: [child.path],
		start: { path: child.path, entries: 0, recent, next },
		restarts: tree.restarts + 1
	};
	if (next === 'agent') return beginStep(after);
	return { ...after, phase: { kind: 'user', waiting: after.leaves, closesStep: false } };
}
