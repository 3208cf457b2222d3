import type { UserEvent } from '../events.ts';
import { changeNode, endingOfUser, newChild, nodeAt, type SearchTree } from '../tree.ts';
import { collapse } from './collapse.ts';
import { joshRules } from './options.ts';

/** Begins a step: forks the leaves where the beam allows it and asks every leaf's agent (section 2.1). */
export function beginStep(tree: SearchTree): SearchTree {
	const { beam } = joshRules(tree.rules);
	// All or nothing: either every open leaf is forked or none.
	const forked = tree.leaves.length * 2 <= beam ? tree.leaves.reduce(fork, tree) : tree;
	const leaves = forked === tree ? tree.leaves : tree.leaves.flatMap((path) => [`${path}L`, `${path}R`]);
	return { ...forked, leaves, phase: { kind: 'agent', try: 0, waiting: leaves, again: [], hits: [] } };
}

function fork(tree: SearchTree, path: string): SearchTree {
	return changeNode(tree, path, (node) => ({
		...node,
		children: [...node.children, newChild(node, 'L'), newChild(node, 'R')]
	}));
}

/** One step of a user simulator (section 2.3). */
export function applyUser(tree: SearchTree, event: UserEvent): SearchTree {
	const { phase, rules } = tree;
	if (phase.kind !== 'user') throw new Error('no step of the user is wanted');
	const { path, turn, n, over, raised, error, earned = [] } = event;

	if (raised && joshRules(rules).quirks === 'published') {
		// The paper's code lets the exception out of the step: the search ends.
		const message = error ?? 'the user simulator raised';
		return { ...tree, done: { reason: 'error', cause: 'user', message } };
	}
	const isOver = over || raised === true;
	const changed = changeNode(tree, path, (node) => ({
		...node,
		entries: [...node.entries, event],
		over: isOver ? endingOfUser(event) : node.over
	}));
	const leaves = isOver ? tree.leaves.filter((leaf) => leaf !== path) : tree.leaves;
	const waiting = phase.waiting.slice(1);
	// What the user makes true is the merit of the agent's turn before it.
	const hits = earned.length > 0 ? [...phase.hits, { path, turn: turn - 1, n, matches: earned }] : phase.hits;
	const next: SearchTree = { ...changed, leaves, phase: { ...phase, waiting, hits } };
	if (waiting.length > 0) return next;
	const after = hits.length > 0 ? collapse(next, hits) : next;
	if (after.done) return after;
	return phase.closesStep ? endStep(after) : goOn(after);
}

/** Ends a step: done, a new start, or the next step (sections 2.2, 4 and 2.4). */
export function endStep(tree: SearchTree): SearchTree {
	const steps = tree.steps + 1;
	const after = { ...tree, steps };
	if (tree.left.length === 0) return { ...after, done: { reason: 'goals' } };
	return goOn(after);
}

/** After a step or the user's words at a new start. */
function goOn(tree: SearchTree): SearchTree {
	const { maxSteps, restarts } = joshRules(tree.rules);
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
	return { ...after, phase: { kind: 'user', waiting: after.leaves, closesStep: false, hits: [] } };
}
