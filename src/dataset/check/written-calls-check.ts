import type { AssistantMessage, Message, ToolCall } from '../../dialogue/message.ts';
import { readReply } from '../../dialogue/syntax/read-reply.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import { formed, type TargetForm } from '../formats/target-form.ts';
import { messageKey } from '../../harvest/message-key.ts';
import type { ExampleCheck } from './check.ts';
import { conversationsOf } from './conversations.ts';

/**
 * Where calls stand in the text of messages, those that the model learns to write are read as what they were: an argument may hold what
 * ends a call, words may look like one. An error in what is to be learnt as good, a warning in what is unlearnt.
 */
export function writtenCallsCheck(form: TargetForm): ExampleCheck {
	const { calls } = form;
	if (calls === 'structure') return { check: () => [] };
	return {
		*check(example, tools) {
			for (const { learnt, isGood } of conversationsOf(example)) {
				const others = learnt.filter(
					(message) => message.role === 'assistant' && !readsBack(message, tools, form, calls.writtenAs)
				);
				for (const message of others)
					yield {
						severity: isGood ? 'error' : 'warning',
						reason: 'its calls, written as text, are read as something else',
						detail:
							(message as AssistantMessage).tool_calls?.[0]?.function.name ?? message.content.slice(0, 80)
					};
			}
		}
	};
}

function readsBack(
	message: AssistantMessage,
	tools: readonly ToolSpec[],
	form: TargetForm,
	syntax: string
): boolean {
	const [written] = formed([message], [], form) as readonly [Message];
	const { toolCalls } = readReply(written.content, { tools, syntax });
	// Words are looked at by the other checks.
	const key = (calls: readonly ToolCall[]) =>
		messageKey({ role: 'assistant', content: '', tool_calls: calls });
	return key(toolCalls) === key(message.tool_calls ?? []);
}
