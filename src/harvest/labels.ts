import { canonicalJson } from '../base/json.ts';
import { onlyThinks, type StoredMessage } from '../dialogue/message.ts';
import { isTold } from '../evaluation/cause.ts';
import type { AgentEvent } from '../search/events.ts';
import { hasGoals, scoreOfTree, walk, type SearchTree } from '../search/tree.ts';
import { claimsIn } from './claims.ts';
import { commonLength, goldenPath, type GoldenPath } from './golden-path.ts';
import { negatives, type Negative } from './negatives.ts';
import { errorOn } from './path-errors.ts';
import { isSaidByAgent, messagesSeen, type SeenMessage } from './agent-messages.ts';

/**
 * Why a message is a bad one, beside the good one that was said in its place.
 * - `wrong arguments`, `wrong call`: the same tool, another tool or none was right. `missing call`: a call was right, and words came.
 * - `invented result`: words with values that nobody had said. `asked for what was told`: a question, though the good call needed nothing more.
 * - `error`: the step failed with it. `other words`: nothing more can be told.
 */
export type BadCause =
	| 'wrong arguments'
	| 'wrong call'
	| 'missing call'
	| 'invented result'
	| 'asked for what was told'
	| 'error'
	| 'other words';

/** Why nothing comes of a message. */
export type UnusedReason =
	| 'not the words of the agent'
	| 'thoughts alone'
	| 'the search is not finished'
	| 'no goals'
	| 'below the least score'
	| 'score unknown'
	| 'an error on the golden path'
	| 'no goal was earned'
	| 'excluded by a person'
	| 'another branch earned it too'
	| 'the same as the good one'
	| 'behind the first that differs'
	| 'the branch had left the golden path before'
	| 'repeats another bad one';

/** What a message becomes in a dataset, and why. */
export type Label =
	/** `claims`: what it states although no tool and nobody else said it; absent if there is nothing of the kind. */
	| { readonly label: 'good'; readonly claims?: readonly string[] }
	| { readonly label: 'bad'; readonly cause: BadCause }
	| { readonly label: 'unused'; readonly reason: UnusedReason; readonly detail?: string };

/** Which searches give examples. */
export interface HarvestOptions {
	/** Searches whose score is less give nothing; the paper: 1. */
	readonly minReward: number;
	/** Whether a search with an error on its golden path gives something; the paper: `leave out`. */
	readonly errors: 'leave out' | 'keep';
}

export interface LabelJob extends Partial<HarvestOptions> {
	readonly tree: SearchTree;
	/** What the agent knows beside the conversation. */
	readonly agentPrompt: string;
	/** Why a person does not want anything of it. */
	readonly objection?: string | undefined;
}

/** Why a whole search gives no example. */
export interface NoExamples {
	readonly none: 'noGoals' | 'reward' | 'unknown' | 'error' | 'noGoldenPath' | 'rating';
	readonly reason: string;
}

/** A tree with its messages labelled. */
export interface LabelledTree {
	/** The label of a message of an entry. */
	labelOf(entry: object, message: StoredMessage): Label;
	/** What examples are made of; absent if there are none. */
	readonly lesson: { readonly golden: GoldenPath; readonly bad: readonly Negative[] } | NoExamples;
}

/**
 * What becomes of every message of a tree (section 8): the one rule that page, tables and files follow. The agent's messages on the golden path are
 * good. Of branches that earned nothing, what stands in the place of a good message is bad.
 */
export function labelTree(job: LabelJob): LabelledTree {
	const { tree } = job;
	const labels = new Map<StoredMessage, Label>();
	const lesson = lessonOf(job);
	if ('none' in lesson) labelAll(labels, tree, unusedBy(tree, lesson));
	else {
		const { golden, bad } = lesson;
		for (const { path, successful } of walk(tree.top)) labelBranch(labels, tree, golden, path, successful);
		for (const { position, seen } of bad)
			labels.set(seen.message, badLabel(golden, position, seen, job.agentPrompt));
		// Last: golden messages are those of other branches, too, up to where they part.
		for (const [position, seen] of golden.messages.entries())
			if (isSaidByAgent(seen)) labels.set(seen.message, goodLabel(golden, position, job.agentPrompt));
	}
	return {
		lesson,
		labelOf: (entry, message) =>
			labels.get(message) ?? {
				label: 'unused',
				reason: isAgents(entry) && onlyThought(message) ? 'thoughts alone' : 'not the words of the agent'
			}
	};
}

function lessonOf({
	tree,
	minReward = 1,
	errors = 'leave out',
	objection
}: LabelJob): LabelledTree['lesson'] {
	if (!hasGoals(tree)) return { none: 'noGoals', reason: 'it sets no goal' };
	const score = scoreOfTree(tree);
	if (score === 'unknown') return { none: 'unknown', reason: 'what it is worth is unknown' };
	if (score < minReward) return { none: 'reward', reason: `reward ${score} is below ${minReward}` };
	const golden = goldenPath(tree);
	if (!golden) return { none: 'noGoldenPath', reason: 'no goal was earned' };
	const error = errors === 'keep' ? undefined : errorOn(golden);
	if (error !== undefined) return { none: 'error', reason: error };
	// Asked last: a person's word counts where there would be examples.
	if (objection !== undefined) return { none: 'rating', reason: objection };
	return { golden, bad: negatives(tree, golden) };
}

const reasonOf: Readonly<Record<NoExamples['none'], UnusedReason>> = {
	noGoals: 'no goals',
	reward: 'below the least score',
	unknown: 'score unknown',
	error: 'an error on the golden path',
	noGoldenPath: 'no goal was earned',
	rating: 'excluded by a person'
};

function unusedBy(tree: SearchTree, { none, reason }: NoExamples): Label {
	if (!tree.done) return { label: 'unused', reason: 'the search is not finished' };
	return { label: 'unused', reason: reasonOf[none], detail: reason };
}

function labelAll(labels: Map<StoredMessage, Label>, tree: SearchTree, label: Label): void {
	for (const { entries } of walk(tree.top))
		for (const entry of entries)
			if (entry.kind === 'agent')
				for (const message of entry.messages)
					if (isSaidByAgent({ entry, message })) labels.set(message, label);
}

/** The agent's messages of one node: why they are not examples, unless they turn out to be. */
function labelBranch(
	labels: Map<StoredMessage, Label>,
	tree: SearchTree,
	golden: GoldenPath,
	path: string,
	successful: boolean
): void {
	const line = messagesSeen(tree, path);
	const parting = commonLength(line, { messages: golden.messages.map(({ message }) => message) });
	const turn = line[parting]?.turn;
	for (const [position, seen] of line.entries()) {
		const { entry, message } = seen;
		if (!('path' in entry) || entry.path !== path || !isSaidByAgent(seen)) continue;
		const reason: UnusedReason =
			successful || tree.collapses.some(({ hits }) => hits.some((hit) => hit.path === path))
				? 'another branch earned it too'
				: position < parting
					? 'the same as the good one'
					: seen.turn !== turn
						? 'the branch had left the golden path before'
						: position > parting
							? 'behind the first that differs'
							: golden.messages[parting] && isSaidByAgent(golden.messages[parting])
								? 'repeats another bad one'
								: 'the branch had left the golden path before';
		labels.set(message, { label: 'unused', reason });
	}
}

function goodLabel(golden: GoldenPath, position: number, agentPrompt: string): Label {
	const claims = claimsIn(
		golden.messages[position]!.message.content,
		heardBefore(golden.messages, position, agentPrompt)
	);
	return claims.length > 0 ? { label: 'good', claims } : { label: 'good' };
}

/** What the agent can know before a message: its prompt and all that is not its own. */
function heardBefore(seen: readonly SeenMessage[], position: number, agentPrompt: string): string[] {
	const before = seen.slice(0, position).filter((one) => !isSaidByAgent(one));
	return [agentPrompt, ...before.map(({ message }) => message.content)];
}

function badLabel(
	golden: GoldenPath,
	position: number,
	{ entry, message }: SeenMessage,
	agentPrompt: string
): Label {
	return { label: 'bad', cause: causeOf(golden, position, entry as AgentEvent, message, agentPrompt) };
}

function causeOf(
	golden: GoldenPath,
	position: number,
	entry: AgentEvent,
	message: StoredMessage,
	agentPrompt: string
): BadCause {
	if (entry.error !== undefined && entry.messages.at(-1) === message) return 'error';
	const right = callsOf(golden.messages[position]!.message);
	const made = callsOf(message);
	if (made.length > 0) {
		if (right.length === 0) return 'wrong call';
		const names = (calls: typeof made) => canonicalJson(calls.map((call) => call.function.name));
		return names(made) === names(right) ? 'wrong arguments' : 'wrong call';
	}
	if (claimsIn(message.content, heardBefore(golden.messages, position, agentPrompt)).length > 0)
		return 'invented result';
	if (right.length === 0) return 'other words';
	const before = golden.messages.slice(0, position).map((one) => one.message);
	const knewAll = right.every((call) => isTold(call.function, before));
	return knewAll && /[?？؟]/.test(message.content) ? 'asked for what was told' : 'missing call';
}

function callsOf(message: StoredMessage) {
	return message.role === 'assistant' ? (message.tool_calls ?? []) : [];
}

function isAgents(entry: object): boolean {
	return 'kind' in entry && entry.kind === 'agent';
}

function onlyThought(message: StoredMessage): boolean {
	return message.role === 'assistant' && onlyThinks(message);
}
