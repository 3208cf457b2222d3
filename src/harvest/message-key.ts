import { canonicalJson } from '../base/json.ts';
import type { Message } from '../dialogue/message.ts';

/**
 * Equal for messages that say the same, whatever was thought before. Ids of calls are left out: a call and its answer follow each other, so ids only name what
 * their places say, and branches that did the same must not differ by them.
 */
export function messageKey(message: Message): string {
	const { role, content } = message;
	if (message.role === 'tool') return canonicalJson([role, content, message.name]);
	if (message.role !== 'assistant' || !message.tool_calls) return canonicalJson([role, content]);
	const calls = message.tool_calls.map((call) => [call.function.name, call.function.arguments]);
	return canonicalJson([role, content, ...calls]);
}

/** Equal for conversations that say the same. */
export function conversationKey(messages: readonly Message[]): string {
	return messages.map(messageKey).join('\n');
}

export function isSameMessage(a: Message, b: Message): boolean {
	return a === b || messageKey(a) === messageKey(b);
}
