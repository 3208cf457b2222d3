import { nodeAt, type SearchTree } from './tree.ts';
import type { StepAddress } from './events.ts';

/** A step that is wanted next. */
export type WantedStep =
	| ({ readonly kind: 'agent'; readonly try: number } & StepAddress)
	| ({ readonly kind: 'user' } & StepAddress);

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
