import { onlyThinks, type StoredMessage } from '../dialogue/message.ts';
import { conversation, type Entry, type SearchTree } from '../search/tree.ts';

/** A message that the agent saw, and where it comes from. */
export interface SeenMessage {
	readonly message: StoredMessage;
	/** What brought it. */
	readonly entry: Entry;
	/** Agent turns of the whole conversation before this message's turn. */
	readonly turn: number;
}

/** The agent's side of the conversation that leads to the end of the node at `path`. */
export function messagesSeen(tree: SearchTree, path: string): SeenMessage[] {
	const seen: SeenMessage[] = [];
	let turns = 0;
	let isInTurn = false;
	for (const entry of conversation(tree, path)) {
		// A turn of the agent lasts until the user speaks, over however many steps and nodes.
		if (entry.kind === 'user') isInTurn = false;
		if (entry.kind === 'agent' && !isInTurn) {
			isInTurn = true;
			turns++;
		}
		const turn = Math.max(turns - 1, 0);
		for (const message of entry.messages) {
			if (message.seenBy !== 'user') seen.push({ message, entry, turn });
		}
	}
	return seen;
}

/**
 * Did the agent say it? A given opening and what a leaf is told when its tries are used up are nobody's words to learn; of thoughts that
 * came alone there are no words.
 */
export function isSaidByAgent({ entry, message }: Pick<SeenMessage, 'entry' | 'message'>): boolean {
	return entry.kind === 'agent' && message.role === 'assistant' && !onlyThinks(message);
}
