import { plainText, wordsOf, folded } from '../base/words.ts';
import { writeArguments } from '../dialogue/call-arguments.ts';
import { causeOfFailure, causes, type Cause } from '../evaluation/cause.ts';
import { conversationOf } from '../evaluation/conversation.ts';
import type { Verdict } from '../search/events.ts';
import { hasGoals, isPruned, resultOf, scoreOfTree, walk, type SearchTree } from '../search/tree.ts';
import { isSaidByAgent } from './agent-messages.ts';
import { labelTree, type BadCause, type NoExamples } from './labels.ts';

/** Raised when a summary changes its meaning: summaries of another version are made again of their events. */
export const summaryVersion = 1;

export const results = ['passed', 'failed', 'unknown', 'no goals'] as const;

/** What a finished search comes down to: all that lists, counts and filters ask of it. Plain JSON. */
export interface SearchSummary {
	readonly version: number;
	readonly result: (typeof results)[number];
	/** From 0 to 1; see `scoreOfTree`. */
	readonly score: number | 'unknown';
	readonly goals: { readonly earned: number; readonly all: number };
	/** What the reward that scores said; absent if the reward that guides scores, too. */
	readonly verdict?: Verdict;
	/** Why its branches missed a goal, each cause once; empty after a success. */
	readonly causes: readonly Cause[];
	/** The search itself ended with an exception. */
	readonly broken?: true;
	readonly events: number;
	/** Agent turns of all branches. */
	readonly turns: number;
	/** Calls of all branches, and those that a tool refused. */
	readonly calls: { readonly made: number; readonly refused: number };
	/** Names of the tools that were called, in the order of the alphabet. */
	readonly tools: readonly string[];
	/** Steps that failed, and why the first did. */
	readonly errors: { readonly steps: number; readonly first?: string };
	/** Of all steps, pruned branches included. */
	readonly tokens: { readonly prompt: number; readonly completion: number };
	/** What becomes of the agent's messages with the paper's rules, before a person or a curation leaves something out. */
	readonly labels: {
		readonly good: number;
		readonly bad: { readonly [Label in BadCause]?: number };
		readonly unused: number;
	};
	/** Why it gives no examples; absent if it does: one for SFT, good and bad ones for KTO, and the bad ones for DPO. */
	readonly none?: NoExamples['none'];
}

/** How a search came out. */
export type SearchOutcome = Pick<SearchSummary, 'result' | 'score' | 'goals' | 'broken'>;

/** @param tree of a search that is done */
export function outcomeOf(tree: SearchTree): SearchOutcome {
	return {
		result: resultOf(tree) ?? 'no goals',
		score: scoreOfTree(tree),
		goals: { earned: tree.goals.length - tree.left.length, all: tree.goals.length },
		...(tree.done?.reason === 'error' && { broken: true })
	};
}

/** @param tree of a search that is done @param agentPrompt what the agent knows beside the conversation */
export function summarize(tree: SearchTree, agentPrompt: string): SearchSummary {
	const tokens = { prompt: 0, completion: 0 };
	const calls = { made: 0, refused: 0 };
	const tools = new Set<string>();
	let turns = 0;
	let failed = 0;
	let first: string | undefined;
	const { labelOf, lesson } = labelTree({ tree, agentPrompt });
	let good = 0;
	let unused = 0;
	const bad: { [Label in BadCause]?: number } = {};
	for (const node of walk(tree.top)) {
		turns += node.turns;
		for (const entry of node.entries) {
			if (!('n' in entry)) continue;
			tokens.prompt += entry.tokens.prompt;
			tokens.completion += entry.tokens.completion;
			if (entry.error !== undefined) {
				failed++;
				first ??= entry.error;
			}
			if (entry.kind !== 'agent') continue;
			for (const { name, ok } of entry.calls ?? []) {
				tools.add(name);
				calls.made++;
				if (!ok) calls.refused++;
			}
			for (const message of entry.messages) {
				if (!isSaidByAgent({ entry, message })) continue;
				const label = labelOf(entry, message);
				if (label.label === 'good') good++;
				else if (label.label === 'unused') unused++;
				else bad[label.cause] = (bad[label.cause] ?? 0) + 1;
			}
		}
	}
	return {
		version: summaryVersion,
		...outcomeOf(tree),
		...(tree.verdict && { verdict: tree.verdict }),
		causes: causesOf(tree),
		events: tree.events,
		turns,
		calls,
		tools: [...tools].sort(),
		errors: { steps: failed, ...(first !== undefined && { first }) },
		tokens,
		labels: { good, bad, unused },
		...('none' in lesson && { none: lesson.none })
	};
}

/** Causes by the branches that were still good for something when the search ended. */
function causesOf(tree: SearchTree): Cause[] {
	if (!hasGoals(tree) || tree.left.length === 0) return [];
	const found = new Set<string>();
	for (const { path, children } of walk(tree.top))
		if (children.length === 0 && !isPruned(tree, path)) found.add(causeOfFailure(conversationOf(tree, path)));
	return causes.filter((cause) => found.has(cause));
}

/**
 * The words of everything that was said, called and answered in a search, pruned branches included: each once, without case and accents,
 * after a space, so that the beginning of a word can be looked for.
 */
export function wordsIn(tree: SearchTree): string {
	const found = new Set<string>();
	const seen = new Set<string>();
	const take = (text: string | undefined) => {
		// Siblings repeat each other, and tools their results.
		if (text === undefined || text === '' || seen.has(text)) return;
		seen.add(text);
		for (const word of wordsOf(plainText(text))) found.add(folded(word));
	};
	for (const { entries } of walk(tree.top))
		for (const { messages } of entries)
			for (const message of messages) {
				take(message.content);
				if (message.role === 'user' || message.role === 'assistant') take(message.reasoning);
				if (message.role !== 'assistant') continue;
				for (const { function: call } of message.tool_calls ?? []) {
					take(call.name);
					take(writeArguments(call));
				}
			}
	return [...found].map((word) => ` ${word}`).join('');
}

/** The beginnings of words that a query asks for, as `wordsIn` writes them. */
export function wordsWanted(query: string): string[] {
	return [...new Set(wordsOf(plainText(query)).map((word) => ` ${folded(word)}`))];
}
