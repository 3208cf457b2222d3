import { canonicalJson, type Json } from '../../base/json.ts';
import type { StoredMessage } from '../../dialogue/message.ts';
import { conversation, nodeAt, type Entry, type Example, type SearchTree, type TreeNode } from '../tree.ts';

/**
 * The examples emitted so far and those of the whole tree from its root (section 2.2, 3): parents first, left before right, without
 * those that equal an earlier one in messages and marks.
 */
export function emit(tree: SearchTree): readonly Example[] {
	const examples = [...tree.examples];
	const root = nodeAt(tree, tree.root);
	const entries = conversation(tree, tree.root);
	const before = entries.slice(0, entries.length - root.entries.length).flatMap(messagesOfAgent);
	for (const example of examplesBelow(root, before)) {
		if (!examples.some((earlier) => repeats(earlier, example))) examples.push(example);
	}
	return examples;
}

function* examplesBelow(node: TreeNode, before: readonly StoredMessage[]): Generator<Example> {
	const upTo = (entries: number) => [...before, ...node.entries.slice(0, entries).flatMap(messagesOfAgent)];
	const messages = upTo(node.entries.length);
	const { path, turns: turn, successful, golden } = node;
	yield { path, turn, messages: withoutTrailingUser(messages), successful, golden };
	for (const child of node.children) {
		yield* examplesBelow(child, child.base === node.entries.length ? messages : upTo(child.base));
	}
}

/** Without the user messages at the end; of nothing but user messages, the first stays (Q5). */
export function withoutTrailingUser(messages: readonly StoredMessage[]): readonly StoredMessage[] {
	const last = messages.findLastIndex((message) => message.role !== 'user');
	return messages.slice(0, Math.max(last + 1, 1));
}

function messagesOfAgent(entry: Entry): readonly StoredMessage[] {
	return entry.messages.filter((message) => message.seenBy !== 'user');
}

function repeats(a: Example, b: Example): boolean {
	if (a.successful !== b.successful || a.golden !== b.golden || a.messages.length !== b.messages.length)
		return false;
	// Examples share their beginnings and differ at their ends.
	for (let i = a.messages.length - 1; i >= 0; i--) {
		if (!repeatsMessage(a.messages[i]!, b.messages[i]!)) return false;
	}
	return true;
}

function repeatsMessage(a: StoredMessage, b: StoredMessage): boolean {
	if (a === b) return true;
	if (a.role !== b.role || a.content !== b.content) return false;
	return canonicalJson(said(a)) === canonicalJson(said(b));
}

/** A message without who sees it, and without what was thought before it. */
function said(message: StoredMessage): Json {
	const { seenBy: _, ...said } = message;
	if ('reasoning' in said) delete said.reasoning;
	return said as unknown as Json;
}
