import type { AgentEvent } from '../events.ts';
import { changeNode, nodeAt, type Ending, type Entry, type Hit, type SearchTree } from '../tree.ts';
import { collapse } from './collapse.ts';
import { joshRules } from './options.ts';
import { endStep } from './steps.ts';

/** One agent step (section 2.2). Hits are found as events come in: the reward set does not change within the phase. */
export function applyAgent(tree: SearchTree, event: AgentEvent): SearchTree {
	const { phase, rules } = tree;
	if (phase.kind !== 'agent') throw new Error('no agent step is wanted');
	const { quirks, tries, fork } = joshRules(rules);
	const { exhausted } = rules;
	const published = quirks === 'published';
	const { path, turn, n, outcome, earned = [] } = event;

	const isOver = outcome === 'over' || outcome === 'raised';
	const isFinished = outcome !== 'continue';
	// By action each step of an agent is a step of the search; the agent itself counts those of its turn.
	const isByAction = fork === 'action';
	const isLastTry = isByAction || phase.try + 1 === tries;
	// Q2: the published search tells every leaf of the last try, even those that finished on it.
	const isExhausted = !isByAction && isLastTry && (published || !isFinished);
	const recent = event.calls ?? (published ? nodeAt(tree, path).recent : []);

	const hits = earned.length > 0 ? [...phase.hits, { path, turn, n, matches: earned }] : phase.hits;
	const again = isFinished || isByAction ? phase.again : [...phase.again, path];
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

function endAgentPhase(tree: SearchTree, hits: readonly Hit[]): SearchTree {
	const after = hits.length > 0 ? collapse(tree, hits) : tree;
	if (after.done) return after;
	// By action some leaves are in the middle of a turn: there the agent goes on, and the user has nothing to answer.
	const waiting =
		joshRules(tree.rules).fork === 'action'
			? after.leaves.filter((path) => !isMidTurn(after, path))
			: after.leaves;
	if (after.left.length === 0 || waiting.length === 0) return endStep(after);
	return { ...after, phase: { kind: 'user', waiting, closesStep: true, hits: [] } };
}

function isMidTurn(tree: SearchTree, path: string): boolean {
	const last = nodeAt(tree, path).entries.at(-1);
	return last?.kind === 'agent' && last.outcome === 'continue';
}

function endingOf({ error }: AgentEvent): Ending {
	return error === undefined ? { by: 'agent' } : { by: 'agent', error };
}
