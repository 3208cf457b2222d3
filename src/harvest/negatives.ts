import type { AssistantMessage } from '../dialogue/message.ts';
import type { SearchTree } from '../search/tree.ts';
import { commonLength, type GoldenPath } from './golden-path.ts';
import { messageKey } from './message-key.ts';
import { isSaidByAgent, messagesSeen, type SeenMessage } from './agent-messages.ts';

/** What the agent said instead of the golden message at the same place, in a branch that earned nothing. */
export interface Negative {
	/** Position of both in the agent's view of the conversation; equal messages come before. */
	readonly position: number;
	readonly seen: SeenMessage;
	readonly message: AssistantMessage;
}

/**
 * The negatives of section 8 (KTO): of each example that is neither successful nor golden, the agent's messages of its last turn
 * whose prompt equals that of a golden message. Equal prompts mean that all before is equal, so that is the first message that
 * differs, or one that equals the golden message, which is dropped (the published code gives it both labels). An example that left
 * the golden path in an earlier turn gives nothing. Without repetitions; of equal ones the first by path stays.
 */
export function negatives(tree: SearchTree, golden: GoldenPath): Negative[] {
	const found = new Map<string, Negative>();
	const failed = tree.examples.filter((example) => !example.successful && !example.golden);
	for (const example of failed) {
		const position = commonLength(golden.messages, example);
		const rival = golden.messages[position];
		const message = example.messages[position];
		if (!rival || !isSaidByAgent(rival) || message?.role !== 'assistant') continue;
		if (
			position < example.messages.findLastIndex(({ role, seenBy }) => role === 'user' && seenBy !== 'agent')
		)
			continue;
		const seen = messagesSeen(tree, example.path)[position]!;
		if (!isSaidByAgent(seen)) continue;
		const key = `${position} ${messageKey(message)}`;
		const earlier = found.get(key);
		if (earlier && pathOf(earlier.seen) <= pathOf(seen)) continue;
		const { seenBy: _, ...plain } = message;
		found.set(key, { position, seen, message: plain });
	}
	return [...found.values()];
}

function pathOf({ entry }: SeenMessage): string {
	return entry.kind === 'agent' ? entry.path : '';
}
