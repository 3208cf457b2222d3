import { applyAgent } from './agent-phase.ts';
import type { SearchEvent, UserEvent } from '../events.ts';
import { beginStep } from '../expand.ts';
import { HistoryError } from '../history-error.ts';
import { firstPending } from '../pending.ts';
import { changeNode, type SearchRules, type SearchTree, type TreeNode } from '../tree.ts';
import { applyUser } from '../user-phase.ts';

/** The tree before any step. */
export function plant(rules: SearchRules): SearchTree {
	const { opening, options, rewards } = rules;
	for (const name of ['beam', 'tries', 'maxSteps'] as const) {
		if (!Number.isInteger(options[name]) || options[name] < 1)
			throw new RangeError(`search option ${name} must be a whole number from 1`);
	}
	const top: TreeNode = {
		path: '',
		base: 0,
		entries: opening ? [{ kind: 'opening', messages: opening }] : [],
		turns: 0,
		recent: [],
		successful: false,
		golden: false,
		over: undefined,
		children: []
	};
	const tree: SearchTree = {
		rules,
		top,
		root: '',
		leaves: [''],
		phase: { kind: 'opening' },
		steps: 0,
		events: 0,
		left: rewards.goals.map((_, position) => position),
		reward: 0,
		collapses: [],
		examples: [],
		start: undefined,
		restarts: 0,
		done: undefined
	};
	return opening ? beginSearch(tree) : tree;
}

/**
 * Folds the outcome of one step into the tree; the given tree stays as it is. Events come in the order of `pending`.
 * @throws {HistoryError} if the event is not that of the first pending step
 */
export function apply(tree: SearchTree, event: SearchEvent): SearchTree {
	checkFit(tree, event);
	const counted = { ...tree, events: tree.events + 1 };
	if (event.kind === 'agent') return applyAgent(counted, event);
	return tree.phase.kind === 'opening' ? applyOpening(counted, event) : applyUser(counted, event);
}

/** The user speaks first; hanging up at once is ignored (section 2.4), but a failure ends the search. */
function applyOpening(tree: SearchTree, event: UserEvent): SearchTree {
	const opened = changeNode(tree, '', (node) => ({ ...node, entries: [event] }));
	if (event.error === undefined) return beginSearch(opened);
	const { error } = event;
	const ended = changeNode(opened, '', (node) => ({ ...node, over: { by: 'user', error } }));
	return { ...ended, leaves: [], done: { reason: 'ended' } };
}

function beginSearch(tree: SearchTree): SearchTree {
	const start = { path: '', entries: tree.top.entries.length, recent: [], next: 'agent' } as const;
	return beginStep({ ...tree, start });
}

function checkFit(tree: SearchTree, event: SearchEvent): void {
	const problem = findMisfit(tree, event);
	if (problem) throw new HistoryError(tree.rules.scenario, event.n, problem);
}

function findMisfit(tree: SearchTree, event: SearchEvent): string | undefined {
	const wanted = firstPending(tree);
	if (!wanted) return 'the search was finished before it';
	if (event.n !== tree.events) return `expected event ${tree.events}`;
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
