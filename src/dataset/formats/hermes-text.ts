import { readReply } from '../../dialogue/syntax/read-reply.ts';
import { hermesMessages, hermesToolsSection } from '../../dialogue/hermes-write.ts';
import type { AssistantMessage } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { messageKey } from '../../harvest/message-key.ts';
import { callsOf, messagesOf } from './example-problems.ts';

/** What the agent says, its call as `<tool_call>`. White space around words beside a call may go. */
export function hermesText(message: AssistantMessage): string {
	return hermesMessages([message])[0]!.content;
}

/** What the system message ends with. */
export function hermesTools(tools: readonly ToolSpec[]): string {
	return tools.length === 0 ? '' : hermesToolsSection(tools);
}

const resultTag = /<\/?tool_response>/;

/** Messages whose text would be read as something else: words as a call or a result, a call as words. */
export function* hermesProblems(example: TrainingExample): Generator<string> {
	for (const { place, message } of messagesOf(example)) {
		const { role, content } = message;
		if (role === 'assistant' && !readsBack(message))
			yield `${place}: as Hermes text it would be read as another message`;
		if ((role === 'user' || role === 'tool') && resultTag.test(content))
			yield `${place}: holds a tag of Hermes text`;
	}
}

function readsBack(message: AssistantMessage): boolean {
	const { content, toolCalls } = readReply(hermesText(message));
	if (callsOf(message).length === 0) return toolCalls.length === 0;
	const read: AssistantMessage = { role: 'assistant', content, tool_calls: toolCalls };
	return messageKey(read) === messageKey({ ...message, content: message.content.trim() });
}
