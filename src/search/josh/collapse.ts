import { emit } from './emit.ts';
import { callsOn, changeLine, changeNode, conversation, nodeAt, type Hit, type SearchTree } from '../tree.ts';
import { joshRules } from './options.ts';

/**
 * Jumps to the first hit's leaf (section 2.2, 3): marks, takes the earned goals out of the reward set, emits the tree, makes the target
 * the root. Later hits only leave their mark.
 */
export function collapse(tree: SearchTree, hits: readonly Hit[]): SearchTree {
	const { quirks, creditWholeTurn, callPrice } = joshRules(tree.rules);
	const target = callPrice > 0 ? thriftiest(tree, hits) : hits[0]!;
	const { path: to, turn, n } = target;
	const from = tree.root;

	const marked = hits.reduce(
		(marked, hit) => changeLine(marked, from, hit.path, (node) => ({ ...node, successful: true })),
		tree
	);

	// Q3: the published search credits the first hit alone, though its leaf went on calling.
	const credited = creditWholeTurn ? hits.filter((hit) => hit.path === to) : [target];
	const matches = credited.flatMap((hit) => hit.matches);
	// Q4: a call made more often than its goal is listed; the published search fails there, half marked.
	const surplus = matches.indexOf('surplus');
	const isFailure = surplus >= 0 && quirks === 'published';
	const earned = (isFailure ? matches.slice(0, surplus) : matches).filter((match) => match !== 'surplus');
	const left = marked.left.filter((position) => !earned.includes(position));
	if (isFailure) {
		const message = `the leaf at path '${to}' earned one goal twice with one call list`;
		return { ...marked, left, done: { reason: 'error', cause: 'rewards', message } };
	}

	const golden = changeLine(marked, from, to, (node) => ({ ...node, golden: true }));
	const examples = emit(golden);
	const rooted = changeNode(golden, to, (node) => ({ ...node, successful: false }));
	const { over, entries, recent } = nodeAt(rooted, to);
	const total = tree.goals.length;
	return {
		...rooted,
		root: to,
		leaves: over ? [] : [to],
		left,
		credits: [...tree.credits, { path: to, n, earned }],
		reward: (total - left.length) / total,
		examples,
		collapses: [
			...tree.collapses,
			{ from, to, turn, n, step: tree.steps, earned, hits: [target, ...hits.filter((hit) => hit !== target)] }
		],
		start: over
			? undefined
			: { path: to, entries: entries.length, recent, next: tree.phase.kind === 'user' ? 'agent' : 'user' },
		restarts: 0
	};
}

/** The hit with the fewest calls since the last root; of equals the first. */
function thriftiest(tree: SearchTree, hits: readonly Hit[]): Hit {
	const before = callsOn(conversation(tree, tree.root)).length;
	const calls = ({ path }: Hit) => callsOn(conversation(tree, path)).length - before;
	return hits.reduce((best, hit) => (calls(hit) < calls(best) ? hit : best));
}
