import type { SearchEvent, WantedStep } from './events.ts';
import { HistoryError } from './history-error.ts';
import { strategies } from './strategies.ts';
import type { Strategy } from './strategy.ts';
import { nodeAt, type SearchRules, type SearchTree } from './tree.ts';

export function strategyOf({ strategy }: SearchRules): Strategy {
	return strategies.get(strategy.kind);
}

/** The tree before any step. */
export function plant(rules: SearchRules): SearchTree {
	return strategyOf(rules).plant(rules);
}

/**
 * Folds the outcome of one step into the tree; the given tree stays as it is. Events come in the order of `pending`.
 * @throws {HistoryError} if the event is not that of the first pending step
 */
export function apply(tree: SearchTree, event: SearchEvent): SearchTree {
	const problem = findMisfit(tree, event);
	if (problem !== undefined) throw new HistoryError(tree.rules.scenario, event.n, problem);
	const { goals, verdict } = event;
	const counted: SearchTree = {
		...tree,
		events: tree.events + 1,
		...(goals && { goals, left: goals.map((_, position) => position) }),
		...(verdict && { verdict })
	};
	return strategyOf(tree.rules).apply(counted, event);
}

/** The tree that events make. @throws {HistoryError} if they do not fit the rules */
export function grow(rules: SearchRules, events: Iterable<SearchEvent>): SearchTree {
	let tree = plant(rules);
	for (const event of events) tree = apply(tree, event);
	return tree;
}

/**
 * The steps that are wanted next, in leaf order. They do not depend on each other and may be taken side by side; their events are
 * applied in this order. Empty when the search is done.
 */
export function pending(tree: SearchTree): WantedStep[] {
	const { phase } = tree;
	if (tree.done) return [];
	if (phase.kind === 'opening') return [{ kind: 'user', path: '', turn: 0 }];
	return phase.waiting.map((path) => wanted(tree, phase, path));
}

/** The first of the pending steps: the only one whose event may be applied now. */
export function firstPending(tree: SearchTree): WantedStep | undefined {
	const { phase } = tree;
	if (tree.done) return undefined;
	if (phase.kind === 'opening') return { kind: 'user', path: '', turn: 0 };
	return wanted(tree, phase, phase.waiting[0]!);
}

function wanted(
	tree: SearchTree,
	phase: Exclude<SearchTree['phase'], { kind: 'opening' }>,
	path: string
): WantedStep {
	const { turns: turn } = nodeAt(tree, path);
	return phase.kind === 'agent'
		? { kind: 'agent', path, turn, try: phase.try }
		: { kind: 'user', path, turn };
}

function findMisfit(tree: SearchTree, event: SearchEvent): string | undefined {
	const wanted = firstPending(tree);
	if (!wanted) return 'the search was finished before it';
	if (event.n !== tree.events) return `expected event ${tree.events}`;
	if (event.n > 0 && event.goals) return 'only the first event says which goals there are';
	const { length } = event.goals ?? tree.goals;
	const unknown = event.earned?.find((one) => one !== 'surplus' && one >= length);
	if (unknown !== undefined) return `it earns goal ${unknown}, and there are ${length}`;
	const attempt = wanted.kind === 'agent' ? wanted.try : undefined;
	const given = event.kind === 'agent' ? event.try : undefined;
	const fits =
		event.kind === wanted.kind &&
		event.path === wanted.path &&
		event.turn === wanted.turn &&
		given === attempt;
	if (fits) return undefined;
	return `it is ${describe({ ...event, try: given })}, but ${describe({ ...wanted, try: attempt })} was wanted`;
}

function describe(step: { kind: string; path: string; turn: number; try: number | undefined }): string {
	const attempt = step.try === undefined ? '' : `, try ${step.try}`;
	return `a step of the ${step.kind} at path '${step.path}', turn ${step.turn}${attempt}`;
}
