import { collapse } from './collapse.ts';
import type { AgentEvent } from '../events.ts';
import { endStep } from '../step-end.ts';
import { changeNode, nodeAt, type Ending, type Entry, type Hit, type SearchTree } from '../tree.ts';

/** One agent step (section 2.2). Hits are found as events come in: the reward set does not change within the phase. */
export function applyAgent(tree: SearchTree, event: AgentEvent): SearchTree {
	const { phase, rules } = tree;
	if (phase.kind !== 'agent') throw new Error('no agent step is wanted');
	const { options, rewards, exhausted } = rules;
	const published = options.quirks === 'published';
	const { path, turn, n, outcome } = event;

	const isOver = outcome === 'over' || outcome === 'raised';
	const isFinished = outcome !== 'continue';
	const isLastTry = phase.try + 1 === options.tries;
	// Q2: the published search tells every leaf of the last try, even those that finished on it.
	const isExhausted = isLastTry && (published || !isFinished);
	// Q1: in the published search a step that fails at once is credited for the calls of the step before it.
	const recent = event.calls ?? (published ? nodeAt(tree, path).recent : []);
	const isScored = published || outcome !== 'raised';

	const matches = isScored ? rewards.match(recent, goalsToEarn(tree, path)) : [];
	const hits = matches.length > 0 ? [...phase.hits, { path, turn, n, matches }] : phase.hits;
	const again = isFinished ? phase.again : [...phase.again, path];
	const waiting = phase.waiting.slice(1);

	const added: Entry[] = [event];
	if (isExhausted && exhausted) added.push({ kind: 'exhausted', messages: exhausted.messages });
	const changed = changeNode(tree, path, (node) => ({
		...node,
		entries: [...node.entries, ...added],
		turns: node.turns + (isFinished || isLastTry ? 1 : 0),
		recent: (isExhausted && exhausted?.calls) || recent,
		over: isOver ? endingOf(event) : node.over
	}));
	const leaves = isOver ? tree.leaves.filter((leaf) => leaf !== path) : tree.leaves;
	const next: SearchTree = { ...changed, leaves, phase: { ...phase, waiting, again, hits } };

	if (waiting.length > 0) return next;
	if (again.length > 0 && !isLastTry)
		return { ...next, phase: { kind: 'agent', try: phase.try + 1, waiting: again, again: [], hits } };
	return endAgentPhase(next, hits);
}

/** The goals that a hit may earn now. With `creditWholeTurn` (Q3) the target does not earn twice what an earlier try of its earned. */
function goalsToEarn(tree: SearchTree, path: string): readonly number[] {
	if (!tree.rules.options.creditWholeTurn || tree.phase.kind !== 'agent') return tree.left;
	const earned = tree.phase.hits.filter((hit) => hit.path === path).flatMap((hit) => hit.matches);
	return tree.left.filter((position) => !earned.includes(position));
}

function endAgentPhase(tree: SearchTree, hits: readonly Hit[]): SearchTree {
	const after = hits.length > 0 ? collapse(tree, hits) : tree;
	if (after.done) return after;
	if (after.left.length === 0 || after.leaves.length === 0) return endStep(after);
	return { ...after, phase: { kind: 'user', waiting: after.leaves, closesStep: true } };
}

function endingOf({ error }: AgentEvent): Ending {
	return error === undefined ? { by: 'agent' } : { by: 'agent', error };
}
