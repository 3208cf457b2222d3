import type { ChosenPart } from '../base/part.ts';
import type { StoredMessage } from '../dialogue/message.ts';
import type { ExecutedCall } from '../environment/environment.ts';
import type { Earned, RewardGoal } from '../talk/rewards/reward-part.ts';
import type { SearchEvent, Verdict } from './events.ts';

/** What a tree is grown by. The same rules and the same events give the same tree. */
export interface SearchRules {
	/** The scenario's id, for error messages. */
	readonly scenario: string;
	readonly strategy: ChosenPart;
	/** What can be earned; by default the first event says it. */
	readonly goals?: readonly RewardGoal[];
	/** Said before the search begins. Without it, the user simulator's first step opens the conversation. */
	readonly opening?: readonly StoredMessage[];
	/** What a leaf is given when its tries are used up; nothing by default. */
	readonly exhausted?: ExhaustedTries;
}

/** What a leaf is given when its tries are used up. */
export interface ExhaustedTries {
	readonly messages: readonly StoredMessage[];
	/** Replaces the leaf's recent calls, if present. */
	readonly calls?: readonly ExecutedCall[];
}

/** Messages that no step made: a given opening, or what a leaf is told when its tries are used up. */
export interface Insertion {
	readonly kind: 'opening' | 'exhausted';
	readonly messages: readonly StoredMessage[];
}

/** One piece of a node's conversation. */
export type Entry = SearchEvent | Insertion;

/** Why a conversation cannot go on; `error` if it was not meant to end. */
export interface Ending {
	readonly by: 'agent' | 'user';
	readonly error?: string;
}

/**
 * One node. Below the beam limit it holds one agent turn and the user's answer, at the limit several. Its conversation is that of
 * its parent followed by its own entries.
 */
export interface TreeNode {
	/**
	 * From the opening (''): with JOSH `L` and `R`, and `S` for a new start from the last root (Q23); lines have a letter each. Never re-based
	 * by a collapse.
	 */
	readonly path: string;
	/** How many of the parent's entries it goes on from: all of them, except after a new start. */
	readonly base: number;
	readonly entries: readonly Entry[];
	/** Agent turns finished in this node. */
	readonly turns: number;
	/** The calls of the latest agent step; a child begins with its parent's (Q1). */
	readonly recent: readonly ExecutedCall[];
	/** It or a descendant earned a goal in a step that collapsed (reset when it becomes the root). */
	readonly successful: boolean;
	/** It is on the golden path. */
	readonly golden: boolean;
	readonly over: Ending | undefined;
	readonly children: readonly TreeNode[];
}

/** A leaf whose latest calls earned goals. */
export interface Hit {
	readonly path: string;
	readonly turn: number;
	/** Number of the event that earned. */
	readonly n: number;
	readonly matches: readonly Earned[];
}

/** Goals that count, and the event that earned them. */
export interface Credit {
	readonly path: string;
	readonly n: number;
	readonly earned: readonly number[];
}

/** A jump: `to` earned goals and became the root in the place of `from`. */
export interface Collapse {
	readonly from: string;
	readonly to: string;
	/** The target's agent turn that earned them, counted in its node. */
	readonly turn: number;
	/** Number of the event that earned first. */
	readonly n: number;
	/** The search step, from 0. */
	readonly step: number;
	/** Positions of the earned goals in `goals`, in order of earning. */
	readonly earned: readonly number[];
	/** All hits of the step; the first is the target's. */
	readonly hits: readonly Hit[];
}

/** A training example as the paper's code emits it: what the agent saw up to a node's end, and the node's marks. */
export interface Example {
	readonly path: string;
	/** Agent turns of that node at the time. */
	readonly turn: number;
	readonly messages: readonly StoredMessage[];
	readonly successful: boolean;
	readonly golden: boolean;
}

/** Which steps come next. `waiting` are paths in leaf order. */
export type Phase =
	| { readonly kind: 'opening' }
	| {
			readonly kind: 'agent';
			readonly try: number;
			readonly waiting: readonly string[];
			/** Leaves that asked to be called again in this turn. */
			readonly again: readonly string[];
			readonly hits: readonly Hit[];
	  }
	/** `closesStep` is false after a new start (Q23), which is not a step of its own. */
	| {
			readonly kind: 'user';
			readonly waiting: readonly string[];
			readonly closesStep: boolean;
			readonly hits: readonly Hit[];
	  };

/**
 * Why the search stopped.
 * - `goals`: all earned. `ended`: no open leaf. `steps`: `maxSteps` taken.
 * - `error`: an exception of the paper's code, with quirks `published` only: `rewards` is Q4, `user` a user simulator that raised.
 */
export type Done =
	| { readonly reason: 'goals' | 'ended' | 'steps' }
	| { readonly reason: 'error'; readonly cause: 'rewards' | 'user'; readonly message: string };

/** Where a new start begins (Q23): the root as it was when it became the root. */
export interface Start {
	readonly path: string;
	readonly entries: number;
	readonly recent: readonly ExecutedCall[];
	readonly next: 'agent' | 'user';
}

/** Everything that is known of a search. Immutable; trees of one search share what did not change. */
export interface SearchTree {
	readonly rules: SearchRules;
	/** What can be earned; none before the first event, unless the rules say it. */
	readonly goals: readonly RewardGoal[];
	/** The topmost node, its path is ''. Nodes that a collapse discarded stay below it (see `isPruned`). */
	readonly top: TreeNode;
	/** Path of the root: the target of the last collapse, or ''. */
	readonly root: string;
	/** Paths of the open leaves: depth first, left before right. */
	readonly leaves: readonly string[];
	readonly phase: Phase;
	/** Steps finished. */
	readonly steps: number;
	/** Events applied; the next one has this number. */
	readonly events: number;
	/** Positions of the goals not yet earned, in `goals`; of lines, by the best. */
	readonly left: readonly number[];
	/** Earned goals / goals; 0 if there are none. */
	readonly reward: number;
	/** What counts, in the order of events. */
	readonly credits: readonly Credit[];
	/** What the reward that scores said in the end; absent if the reward that guides scores, too. */
	readonly verdict: Verdict | undefined;
	readonly collapses: readonly Collapse[];
	/** In the paper's order, without repetitions. */
	readonly examples: readonly Example[];
	/** Absent where the root cannot be continued. */
	readonly start: Start | undefined;
	/** New starts since the last collapse. */
	readonly restarts: number;
	readonly done: Done | undefined;
}

/** The tree before any step: the topmost node alone, with what was said before the search begins. */
export function top(rules: SearchRules): SearchTree {
	const { opening, goals = [] } = rules;
	return {
		rules,
		goals,
		top: {
			path: '',
			base: 0,
			entries: opening ? [{ kind: 'opening', messages: opening }] : [],
			turns: 0,
			recent: [],
			successful: false,
			golden: false,
			over: undefined,
			children: []
		},
		root: '',
		leaves: [''],
		phase: { kind: 'opening' },
		steps: 0,
		events: 0,
		left: goals.map((_, position) => position),
		reward: 0,
		credits: [],
		verdict: undefined,
		collapses: [],
		examples: [],
		start: undefined,
		restarts: 0,
		done: undefined
	};
}

/** An empty child that goes on from the parent's first `base` entries. Nothing is copied. */
export function newChild(
	parent: TreeNode,
	letter: string,
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

/** How a user's step ended its conversation. */
export function endingOfUser({ error }: { readonly error?: string }): Ending {
	return error === undefined ? { by: 'user' } : { by: 'user', error };
}

/** Path of the parent; `undefined` for the topmost node. */
export function parentPath(path: string): string | undefined {
	return path === '' ? undefined : path.slice(0, -1);
}

/** The nodes from the topmost to the one at `path`. Throws if there is none. */
export function lineage(tree: SearchTree, path: string): TreeNode[] {
	const nodes = [tree.top];
	for (let depth = 0; depth < path.length; depth++) {
		const child = nodes[depth]!.children.find((node) => node.path[depth] === path[depth]);
		if (!child) throw new RangeError(`no node at path ${path}`);
		nodes.push(child);
	}
	return nodes;
}

export function nodeAt(tree: SearchTree, path: string): TreeNode {
	return lineage(tree, path).at(-1)!;
}

/** The entries of the conversation that leads to the end of the node at `path`. */
export function conversation(tree: SearchTree, path: string): Entry[] {
	const nodes = lineage(tree, path);
	const entries: Entry[] = [];
	nodes.forEach((node, depth) => {
		const base = nodes[depth + 1]?.base ?? node.entries.length;
		for (let i = 0; i < base; i++) entries.push(node.entries[i]!);
	});
	return entries;
}

/** The messages of a conversation. A plain loop: searches with instant models spend much of their time here. */
export function messagesOf(entries: readonly Entry[]): StoredMessage[] {
	const messages: StoredMessage[] = [];
	for (const entry of entries) for (const message of entry.messages) messages.push(message);
	return messages;
}

/** All messages that lead to the end of the node at `path`. */
export function transcript(tree: SearchTree, path: string): StoredMessage[] {
	return messagesOf(conversation(tree, path));
}

/** The node and all below it, parents first, left before right. */
export function* walk(node: TreeNode): Generator<TreeNode> {
	yield node;
	for (const child of node.children) yield* walk(child);
}

/** Was the node at `path` discarded by a collapse? */
export function isPruned(tree: SearchTree, path: string): boolean {
	return !path.startsWith(tree.root) && !tree.root.startsWith(path);
}

/** Without goals there is nothing to earn: such a search counts neither as a success nor as a failure. */
export function hasGoals({ goals }: SearchTree): boolean {
	return goals.length > 0;
}

/**
 * What a search is worth, from 0 to 1: the share of goals that it earned, less `callPrice` for each call of the agent beyond the number of goals;
 * or what the reward that scores says.
 */
export function scoreOfTree(tree: SearchTree): number | 'unknown' {
	const { callPrice = 0 } = tree.rules.strategy as { readonly callPrice?: number };
	const found = tree.verdict ? tree.verdict.score : tree.reward;
	if (callPrice === 0 || found === 'unknown') return found;
	const calls = callsOn(conversation(tree, tree.root)).length;
	return Math.max(0, found - callPrice * Math.max(0, calls - tree.goals.length));
}

/** The agent's calls in a conversation, in order. */
export function callsOn(entries: readonly Entry[]): ExecutedCall[] {
	return entries.flatMap((entry) => (entry.kind === 'agent' ? (entry.calls ?? []) : []));
}

/** How a finished search came out; `undefined` if it set no goal, so that there was nothing to pass or fail. */
export function resultOf(tree: SearchTree): 'passed' | 'failed' | 'unknown' | undefined {
	if (tree.verdict) {
		const { score } = tree.verdict;
		return score === 'unknown' ? 'unknown' : score >= 1 ? 'passed' : 'failed';
	}
	if (!hasGoals(tree)) return undefined;
	return tree.left.length === 0 ? 'passed' : 'failed';
}

/** The goals not yet earned. */
export function goalsLeft(tree: SearchTree): RewardGoal[] {
	return tree.left.map((position) => tree.goals[position]!);
}

/** The tree with the nodes from `from` down to `to` changed. Copies only the nodes above and on that line. */
export function changeLine(
	tree: SearchTree,
	from: string,
	to: string,
	change: (node: TreeNode) => TreeNode
): SearchTree {
	const visit = (node: TreeNode): TreeNode => {
		const depth = node.path.length;
		const below =
			depth === to.length
				? node
				: {
						...node,
						children: node.children.map((child) => (child.path[depth] === to[depth] ? visit(child) : child))
					};
		return depth >= from.length ? change(below) : below;
	};
	return { ...tree, top: visit(tree.top) };
}

/** The tree with one node changed. */
export function changeNode(tree: SearchTree, path: string, change: (node: TreeNode) => TreeNode): SearchTree {
	return changeLine(tree, path, path, change);
}
