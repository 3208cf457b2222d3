import { defaultsOf } from '../../base/options.ts';
import type { UserEvent, WantedStep } from '../events.ts';
import type { Scored, Strategy } from '../strategy.ts';
import { changeNode, nodeAt, top, type SearchTree } from '../tree.ts';
import type { AgentStep } from '../../talk/participants.ts';
import { applyAgent } from './agent-phase.ts';
import { joshOptions, joshRules, type SearchOptions } from './options.ts';
import { applyUser, beginStep } from './steps.ts';

/**
 * The paper's search (josh-behaviour, section 2): all leaves fork while the beam allows it, and the first leaf to earn a goal becomes the
 * root in the place of all others.
 */
export const josh: Strategy = {
	kind: 'josh',
	version: 1,
	label: 'JOSH',
	options: joshOptions,
	plant(rules) {
		const { opening } = rules;
		checkOptions(joshRules(rules));
		const tree = top({ ...rules, strategy: { ...defaultsOf(joshOptions), ...rules.strategy } });
		return opening ? beginSearch(tree) : tree;
	},
	apply(tree, event) {
		if (event.kind === 'agent') return applyAgent(tree, event);
		return tree.phase.kind === 'opening' ? applyOpening(tree, event) : applyUser(tree, event);
	},
	isByAction: (rules) => joshRules(rules).fork === 'action',
	scoreAgent,
	// The published search looks at the agent's calls alone.
	scoreUser: (tree) => (joshRules(tree.rules).quirks === 'published' ? undefined : { left: tree.left })
};

function checkOptions(options: SearchOptions): void {
	for (const name of ['beam', 'tries', 'maxSteps'] as const) {
		const value = options[name] ?? 1;
		if (!Number.isInteger(value) || value < 1)
			throw new RangeError(`search option ${name} must be a whole number from 1`);
	}
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

function scoreAgent(
	tree: SearchTree,
	{ path }: WantedStep,
	{ outcome, calls }: AgentStep
): Scored | undefined {
	const published = joshRules(tree.rules).quirks === 'published';
	if (!published && outcome === 'raised') return undefined;
	// Q1: in the published search a step that fails at once is credited for the calls of the step before it.
	return { calls: calls ?? (published ? nodeAt(tree, path).recent : []), left: goalsToEarn(tree, path) };
}

/** The goals that a hit may earn now. With `creditWholeTurn` (Q3) the target does not earn twice what an earlier try of its earned. */
function goalsToEarn({ rules, phase, left }: SearchTree, path: string): readonly number[] {
	if (!joshRules(rules).creditWholeTurn || phase.kind !== 'agent') return left;
	const earned = phase.hits.filter((hit) => hit.path === path).flatMap((hit) => hit.matches);
	return left.filter((position) => !earned.includes(position));
}
