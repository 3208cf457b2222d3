import type { StoredMessage } from '../dialogue/message.ts';
import { canonicalJson } from '../base/json.ts';
import type { ExecutedCall } from '../environment/environment.ts';
import type { Label, LabelledTree } from '../harvest/labels.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';
import {
	isPruned,
	lineage,
	walk,
	type Ending,
	type Entry,
	type SearchTree,
	type TreeNode
} from '../search/tree.ts';

/** What a node's glyph tells; its shape alone says it. */
export type Mark = 'goal' | 'lost-goal' | 'golden' | 'open' | 'writing' | 'passed' | 'ended' | 'pruned';

/** Text that is being written for a step. */
export interface LiveText {
	readonly kind: 'agent' | 'user';
	readonly path: string;
	readonly turn: number;
	readonly text: string;
}

/** One step of one side, as the transcript shows it. */
export interface PicturedStep {
	/** Unique in the tree. */
	readonly key: string;
	readonly speaker: 'agent' | 'user';
	readonly messages: readonly StoredMessage[];
	readonly calls: readonly ExecutedCall[];
	/** Goals that the step earned, and the call that did. */
	readonly earned: readonly { readonly goal: RewardGoal; readonly call: ExecutedCall | undefined }[];
	/** Why the conversation could not go on. */
	readonly error: string | undefined;
	/** What becomes of each message in a dataset; `undefined` where it is not a message of the agent. */
	readonly labels: readonly (Label | undefined)[];
	/** Being written: `messages` is empty and this is the text so far. */
	readonly writing: string | undefined;
}

/** A node of the search tree, as the drawing shows it. */
export interface PicturedNode {
	readonly path: string;
	readonly label: string;
	/** The label is the name of a tool. */
	readonly isCall: boolean;
	readonly mark: Mark;
	readonly golden: boolean;
	readonly pruned: boolean;
	/** Nothing follows here, whatever else is true of the node. */
	readonly ended: boolean;
	/** All that the marks say, in words. */
	readonly remarks: readonly string[];
	readonly children: readonly PicturedNode[];
}

export interface PicturedBranch {
	/** From the opening to the end of the branch. */
	readonly steps: readonly PicturedStep[];
	/** Why it goes no further, if it does not. */
	readonly ending: string | undefined;
}

/** The whole tree, discarded branches included. */
export function pictureTree(tree: SearchTree, texts: readonly LiveText[]): PicturedNode {
	const writing = new Set(texts.map(({ path }) => path));
	const goals = new Map<string, string[]>();
	const lost = new Set<string>();
	for (const { path, earned } of tree.credits)
		goals.set(path, [...(goals.get(path) ?? []), ...earned.map((position) => nameOf(tree.goals[position]!))]);
	for (const { to, hits } of tree.collapses) for (const { path } of hits) if (path !== to) lost.add(path);

	const draw = (node: TreeNode): PicturedNode => {
		const { path, golden } = node;
		const pruned = isPruned(tree, path);
		const earned = goals.get(path) ?? [];
		const ending = endingOf(tree, node);
		const isLeaf = node.children.length === 0;
		const mark: Mark =
			earned.length > 0
				? 'goal'
				: lost.has(path)
					? 'lost-goal'
					: pruned
						? 'pruned'
						: ending && isLeaf
							? 'ended'
							: writing.has(path)
								? 'writing'
								: golden
									? 'golden'
									: isLeaf
										? 'open'
										: 'passed';
		const remarks = [
			...(earned.length > 0 ? [`earned ${earned.join(' and ')}`] : []),
			...(lost.has(path) ? ['earned a goal, but another branch was first'] : []),
			...(golden ? ['golden path'] : []),
			...(pruned ? ['pruned'] : []),
			...(writing.has(path) ? ['being written'] : []),
			...(ending && isLeaf ? [ending] : []),
			...(!ending && isLeaf && !pruned ? ['open'] : [])
		];
		return {
			path,
			...labelOf(node, earned),
			mark,
			golden,
			pruned,
			ended: isLeaf && node.over !== undefined,
			remarks,
			children: node.children.map(draw)
		};
	};
	return draw(tree.top);
}

/**
 * The conversation that leads to the end of the node at `path`, with what is being written there.
 * @param labelled of the same tree; without it no message has a label
 */
export function pictureBranch(
	tree: SearchTree,
	path: string,
	texts: readonly LiveText[],
	labelled?: Pick<LabelledTree, 'labelOf'>
): PicturedBranch {
	const nodes = lineage(tree, path);
	const steps = nodes.flatMap((node, depth) => {
		const end = nodes[depth + 1]?.base ?? node.entries.length;
		return node.entries.slice(0, end).map((entry, index) => pictureEntry(tree, node, entry, index, labelled));
	});
	const live = texts
		.filter((text) => text.path === path)
		.map(({ kind, turn, text }): PicturedStep => ({
			...emptyStep,
			key: `${path} ${kind} ${turn}`,
			speaker: kind,
			writing: text
		}));
	const node = nodes.at(-1)!;
	return {
		steps: [...steps, ...live],
		ending: node.children.length === 0 ? endingOf(tree, node) : undefined
	};
}

/** Where a viewer who looked at `path` should look now: on along the branch, or over to the golden path. */
export function follow(tree: SearchTree, path: string): string {
	if (tree.done) return tree.collapses.length > 0 ? tree.root : path;
	const known = path.startsWith(tree.root) && !isPruned(tree, path) ? path : tree.root;
	return tree.leaves.find((leaf) => leaf.startsWith(known)) ?? tree.leaves[0] ?? known;
}

/** Is there a node at `path`? */
export function hasNode(tree: SearchTree, path: string): boolean {
	for (const node of walk(tree.top)) if (node.path === path) return true;
	return false;
}

const emptyStep = {
	messages: [],
	calls: [],
	labels: [],
	earned: [],
	error: undefined,
	writing: undefined
} as const;

/** The tool of a goal that is a call, else what the reward calls it. */
function nameOf({ label, call }: RewardGoal): string {
	return call?.name ?? label;
}

function pictureEntry(
	tree: SearchTree,
	node: TreeNode,
	entry: Entry,
	index: number,
	labelled: Pick<LabelledTree, 'labelOf'> | undefined
): PicturedStep {
	const { messages } = entry;
	const key = `${node.path}/${index}`;
	if (!('n' in entry))
		return { ...emptyStep, key, speaker: entry.kind === 'opening' ? 'user' : 'agent', messages };
	const { kind: speaker, calls = [], error } = entry;
	const earned = tree.credits
		.filter(({ path, n }) => path === node.path && n === entry.n)
		.flatMap((credit) => credit.earned);
	const labels = messages.map((message) =>
		labelled && speaker === 'agent' && message.role === 'assistant'
			? labelled.labelOf(entry, message)
			: undefined
	);
	return {
		...emptyStep,
		key,
		speaker,
		messages,
		calls,
		labels,
		earned: earnedGoals(tree, earned, calls),
		error
	};
}

/** Goals with the calls that earned them: the one that equals the goal, else the last of the tool that was carried out. */
function earnedGoals(
	{ goals }: SearchTree,
	earned: readonly number[],
	calls: readonly ExecutedCall[]
): PicturedStep['earned'] {
	return earned.map((position) => {
		const goal = goals[position]!;
		const ofTool = calls.filter(({ name, ok }) => ok && name === goal.call?.name);
		const equal = ofTool.find(
			(call) => canonicalJson(call.arguments) === canonicalJson(goal.call!.arguments)
		);
		return { goal, call: equal ?? ofTool.at(-1) };
	});
}

function labelOf(node: TreeNode, earned: readonly string[]): { label: string; isCall: boolean } {
	const steps = node.entries.filter((entry) => entry.kind === 'agent');
	const names = [...new Set(steps.flatMap(({ calls = [] }) => calls.map(({ name }) => name)))].reverse();
	const name = earned.at(-1) ?? names[0];
	if (name !== undefined) {
		const more = names.length > 1 ? ` +${names.length - 1}` : '';
		return { label: shorten(name, 17 - more.length) + more, isCall: true };
	}
	const words = steps.flatMap(({ messages }) => messages.map(({ content }) => content)).findLast(Boolean);
	if (words !== undefined) return { label: shorten(words, 19), isCall: false };
	return {
		label: node.over?.error !== undefined ? 'error' : node.path === '' ? 'opening' : '…',
		isCall: false
	};
}

function shorten(text: string, length: number): string {
	return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

function endingOf(tree: SearchTree, node: TreeNode): string | undefined {
	if (node.over) return describeEnding(node.over);
	if (isPruned(tree, node.path)) return 'pruned: another branch earned a goal first';
	if (!tree.done) return undefined;
	switch (tree.done.reason) {
		case 'goals':
			return 'all goals are earned';
		case 'steps':
			return 'the search reached its last turn';
		case 'error':
			return `the search failed: ${tree.done.message}`;
		case 'ended':
			return undefined;
	}
}

function describeEnding({ by, error }: Ending): string {
	if (error !== undefined) return `ended: the ${by} could not go on: ${error}`;
	return by === 'user' ? 'ended: the user left' : 'ended: the agent left';
}
