import { defaultsOf, options, whole } from '../base/options.ts';
import type { OptionsSchema } from '../base/part.ts';
import type { AgentEvent, SearchEvent, UserEvent } from './events.ts';
import { emit } from './josh/emit.ts';
import type { Strategy } from './strategy.ts';
import {
	changeLine,
	changeNode,
	conversation,
	endingOfUser,
	newChild,
	nodeAt,
	top,
	type Ending,
	type SearchRules,
	type SearchTree
} from './tree.ts';

interface LineOptions {
	/** Agent turns of a line at the most. */
	readonly maxTurns: number;
	/** Steps of the agent in a turn at the most, for agents that answer `continue`. */
	readonly tries: number;
}

const lineOptions = {
	maxTurns: whole(1, 1000, 15, { label: 'Turn limit', hint: 'agent turns a conversation' }),
	tries: whole(1, 1000, 10, {
		label: 'Tries',
		hint: 'steps of an agent in one turn, for agents that take several',
		flag: 'agent-tries',
		rare: true
	})
};

/** One conversation from its opening to its end, without a search. */
export const plain: Strategy = linesStrategy('plain', 'Plain conversation', options(lineOptions), () => ['']);

/** The names of lines. */
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Several conversations from one opening, each to its end; the best of them is the golden path. */
export const bestOfN: Strategy = linesStrategy(
	'best-of-n',
	'Best of N',
	options({
		n: whole(1, letters.length, 4, { label: 'Conversations', hint: 'from one opening; the best one counts' }),
		...lineOptions
	}),
	(strategy) => letters.slice(0, strategy['n'] as number)
);

/**
 * Lines that begin after the opening and never part: each goes on until its agent or user ends it, or its turns are used up, whatever it has earned.
 * A failing step earns what its calls earned before it failed. In the end the line that earned most, the first of equals, is golden.
 */
function linesStrategy(
	kind: string,
	label: string,
	schema: OptionsSchema,
	pathsOf: (strategy: SearchRules['strategy']) => readonly string[]
): Strategy {
	return {
		kind,
		version: 1,
		label,
		options: schema,
		plant(rules) {
			const tree = top({ ...rules, strategy: { ...defaultsOf(schema), ...rules.strategy } });
			return rules.opening ? begin(tree, pathsOf(tree.rules.strategy)) : tree;
		},
		apply(tree, event) {
			if (event.kind === 'agent') return applyAgent(tree, event);
			return tree.phase.kind === 'opening'
				? applyOpening(tree, event, pathsOf(tree.rules.strategy))
				: applyUser(tree, event);
		},
		isByAction: () => false,
		scoreAgent: (tree, { path }, { calls = [] }) => ({ calls, left: leftOn(tree, path) }),
		scoreUser: (tree, { path }) => ({ left: leftOn(tree, path) })
	};
}

function optionsIn({ rules }: SearchTree): LineOptions {
	return rules.strategy as unknown as LineOptions;
}

function begin(tree: SearchTree, paths: readonly string[]): SearchTree {
	const isOne = paths.length === 1 && paths[0] === '';
	const forked = isOne
		? tree
		: changeNode(tree, '', (node) => ({ ...node, children: paths.map((letter) => newChild(node, letter)) }));
	return askAgents({ ...forked, leaves: paths });
}

/** Leaves of lines that cannot go on any more are not asked; when there is none, the best line counts. */
function askAgents(tree: SearchTree): SearchTree {
	if (tree.leaves.length === 0) return crown(tree, 'ended');
	return { ...tree, phase: { kind: 'agent', try: 0, waiting: tree.leaves, again: [], hits: [] } };
}

function applyOpening(tree: SearchTree, event: UserEvent, paths: readonly string[]): SearchTree {
	const opened = changeNode(tree, '', (node) => ({ ...node, entries: [event] }));
	if (!event.over && event.error === undefined) return begin(opened, paths);
	const ended = changeNode(opened, '', (node) => ({ ...node, over: endingOfUser(event) }));
	return { ...ended, leaves: [], done: { reason: 'ended' } };
}

function applyAgent(tree: SearchTree, event: AgentEvent): SearchTree {
	const { phase } = tree;
	if (phase.kind !== 'agent') throw new Error('no agent step is wanted');
	const { tries } = optionsIn(tree);
	const { path, outcome } = event;
	const isLastTry = phase.try + 1 === tries;
	const ending = endingOfAgent(event, isLastTry ? tries : undefined);
	const isFinished = outcome !== 'continue' || isLastTry;
	const changed = changeNode(tree, path, (node) => ({
		...node,
		entries: [...node.entries, event],
		turns: node.turns + (isFinished ? 1 : 0),
		recent: event.calls ?? [],
		over: ending ?? node.over
	}));
	const again = isFinished ? phase.again : [...phase.again, path];
	const waiting = phase.waiting.slice(1);
	const next: SearchTree = {
		...credited(changed, event),
		leaves: ending ? tree.leaves.filter((leaf) => leaf !== path) : tree.leaves,
		phase: { ...phase, waiting, again }
	};
	if (waiting.length > 0) return next;
	if (again.length > 0)
		return {
			...next,
			phase: { ...next.phase, try: phase.try + 1, waiting: again, again: [] } as SearchTree['phase']
		};
	return askUsers({ ...next, steps: next.steps + 1 });
}

function askUsers(tree: SearchTree): SearchTree {
	const { maxTurns } = optionsIn(tree);
	if (tree.leaves.length === 0) return crown(tree, 'ended');
	if (tree.steps >= maxTurns) return crown(tree, 'steps');
	return { ...tree, phase: { kind: 'user', waiting: tree.leaves, closesStep: true, hits: [] } };
}

function applyUser(tree: SearchTree, event: UserEvent): SearchTree {
	const { phase } = tree;
	if (phase.kind !== 'user') throw new Error('no step of the user is wanted');
	const { path, over, raised, error } = event;
	const isOver = over || raised === true || error !== undefined;
	const changed = changeNode(tree, path, (node) => ({
		...node,
		entries: [...node.entries, event],
		over: isOver ? endingOfUser(event) : node.over
	}));
	const waiting = phase.waiting.slice(1);
	const next: SearchTree = {
		...credited(changed, event),
		leaves: isOver ? tree.leaves.filter((leaf) => leaf !== path) : tree.leaves,
		phase: { ...phase, waiting }
	};
	return waiting.length > 0 ? next : askAgents(next);
}

function endingOfAgent({ outcome, error }: AgentEvent, tries: number | undefined): Ending | undefined {
	if (outcome === 'over' || outcome === 'raised')
		return error === undefined ? { by: 'agent' } : { by: 'agent', error };
	if (outcome === 'continue' && tries !== undefined)
		return { by: 'agent', error: `the turn was not finished in ${tries} steps` };
	return undefined;
}

function credited(tree: SearchTree, event: SearchEvent): SearchTree {
	const earned = (event.earned ?? []).filter((one) => one !== 'surplus');
	if (earned.length === 0) return tree;
	const credits = [...tree.credits, { path: event.path, n: event.n, earned }];
	return best({ ...tree, credits });
}

/** Goals that a line has not earned. */
function leftOn({ goals, credits }: SearchTree, path: string): number[] {
	const earned = credits.filter((credit) => credit.path === path).flatMap((credit) => credit.earned);
	return goals.flatMap((_, position) => (earned.includes(position) ? [] : [position]));
}

/** The tree with reward and goals left of its best line. */
function best(tree: SearchTree): SearchTree {
	const left = leftOn(tree, bestPath(tree));
	const total = tree.goals.length;
	return { ...tree, left, reward: total === 0 ? 0 : (total - left.length) / total };
}

function bestPath(tree: SearchTree): string {
	const lines = tree.top.children.length > 0 ? tree.top.children.map(({ path }) => path) : [''];
	return lines.reduce((one, other) => (leftOn(tree, other).length < leftOn(tree, one).length ? other : one));
}

/** Ends all lines: the best one is the golden path, as far as its last goal. */
function crown(tree: SearchTree, reason: 'ended' | 'steps'): SearchTree {
	const done = { ...tree, leaves: [], done: { reason } } as const;
	const to = bestPath(tree);
	const last = tree.credits.findLast(({ path }) => path === to);
	if (!last) return { ...done, examples: emit(done) };
	const marked = lineCredits(tree).reduce<SearchTree>(
		(marked, path) => changeLine(marked, '', path, (node) => ({ ...node, successful: true })),
		done
	);
	const golden = changeLine(marked, '', to, (node) => ({ ...node, golden: true, successful: true }));
	const earned = tree.credits.filter(({ path }) => path === to).flatMap((credit) => credit.earned);
	const event = conversation(golden, to).find((entry) => 'n' in entry && entry.n === last.n);
	const turn = event && 'turn' in event ? event.turn : nodeAt(golden, to).turns;
	return {
		...golden,
		root: to,
		examples: emit(golden),
		collapses: [{ from: '', to, turn, n: last.n, step: tree.steps, earned, hits: [] }]
	};
}

function lineCredits({ credits }: SearchTree): string[] {
	return [...new Set(credits.map(({ path }) => path))];
}
