import { changeNode, type SearchTree, type TreeNode } from './tree.ts';

/** Begins a step: forks the leaves where the beam allows it and asks every leaf's agent (section 2.1). */
export function beginStep(tree: SearchTree): SearchTree {
	const { beam } = tree.rules.options;
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

/** An empty child that goes on from the parent's first `base` entries. Nothing is copied. */
export function newChild(
	parent: TreeNode,
	letter: 'L' | 'R' | 'S',
	base = parent.entries.length,
	recent = parent.recent
): TreeNode {
	return {
		path: parent.path + letter,
		base,
		entries: [],
		turns: 0,
		recent,
		successful: false,
		golden: false,
		over: undefined,
		children: []
	};
}
