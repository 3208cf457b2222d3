import type { StoredMessage } from '../dialogue/message.ts';
import type { ExecutedCall } from '../environment/environment.ts';
import { callsOn, conversation, goalsLeft, messagesOf, nodeAt, type SearchTree } from '../search/tree.ts';
import type { Tokens } from '../talk/participants.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';

/**
 * Why a conversation ended.
 * - `user`: said the stop words. `turns`: the agent had all its turns. `agent`: ended it.
 * - `error`: agent or user could not go on.
 */
export type ConversationEnd =
	| { readonly reason: 'user' | 'turns' | 'agent' }
	| { readonly reason: 'error'; readonly by: 'agent' | 'user'; readonly error: string };

export interface Conversation {
	readonly transcript: readonly StoredMessage[];
	readonly calls: readonly ExecutedCall[];
	readonly agentTurns: number;
	readonly end: ConversationEnd;
	/** Earned goals / goals; 0 if there are none. */
	readonly reward: number;
	/** Goals that nothing earned. */
	readonly failed: readonly RewardGoal[];
	readonly tokens: Tokens;
}

/** A line of a finished tree. @param path where it ends; by default the one line of the strategy `plain` */
export function conversationOf(tree: SearchTree, path = tree.root): Conversation {
	const entries = conversation(tree, path);
	const tokens = { prompt: 0, completion: 0 };
	for (const entry of entries) {
		if (!('n' in entry)) continue;
		tokens.prompt += entry.tokens.prompt;
		tokens.completion += entry.tokens.completion;
	}
	return {
		transcript: messagesOf(entries),
		calls: callsOn(entries),
		agentTurns: nodeAt(tree, path).turns,
		end: endOf(tree, path),
		reward: tree.reward,
		failed: goalsLeft(tree),
		tokens
	};
}

function endOf(tree: SearchTree, path: string): ConversationEnd {
	const { over } = nodeAt(tree, path);
	if (!over) return { reason: 'turns' };
	const { by, error } = over;
	return error === undefined ? { reason: by } : { reason: 'error', by, error };
}
