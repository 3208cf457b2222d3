import type { Example, SearchTree } from '../search/tree.ts';
import { isSameMessage } from './message-key.ts';
import { isSaidByAgent, messagesSeen, type SeenMessage } from './agent-messages.ts';

/** The way from the opening to what earned the last goal. */
export interface GoldenPath {
	/** The node that earned it. */
	readonly path: string;
	/** Up to the last message that the agent said. */
	readonly messages: readonly SeenMessage[];
}

/**
 * The golden example with the most messages, the first of equals (section 8, SFT). Only examples on the line to the last collapse's
 * target count: with new starts (Q23) a root that ran on and failed is golden as well. Every other golden example is a beginning of
 * this one, so it alone holds all positives.
 */
export function goldenPath(tree: SearchTree): GoldenPath | undefined {
	const path = tree.collapses.at(-1)?.to;
	if (path === undefined) return undefined;
	const line = messagesSeen(tree, path);
	let longest: Example | undefined;
	for (const example of tree.examples) {
		if (!example.golden || example.messages.length <= (longest?.messages.length ?? 0)) continue;
		if (commonLength(line, example) === example.messages.length) longest = example;
	}
	const last = line.findLastIndex(
		(seen, index) => index < (longest?.messages.length ?? 0) && isSaidByAgent(seen)
	);
	// An example without any agent turn teaches nothing (Q5).
	return last < 0 ? undefined : { path, messages: line.slice(0, last + 1) };
}

/** How many messages two conversations share from their beginning. */
export function commonLength(line: readonly SeenMessage[], { messages }: Pick<Example, 'messages'>): number {
	const differs = line.findIndex(({ message }, index) => {
		const other = messages[index];
		return !other || !isSameMessage(message, other);
	});
	return differs < 0 ? line.length : differs;
}
