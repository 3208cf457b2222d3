import type { JsonObject } from '../../base/json.ts';
import { writeArguments } from '../../dialogue/call-arguments.ts';
import type { Message } from '../../dialogue/message.ts';
import type { ToolNames } from '../../dialogue/tool-names.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { toolsColumn } from './columns.ts';
import { callsOf, messagesOf } from './example-problems.ts';

/**
 * A conversation as the OpenAI API takes it: `arguments` is JSON text, a call without words has no `content`, an answer no `name`.
 * @param names of the tools as the API takes them
 */
export function openaiMessages(messages: readonly Message[], names: ToolNames): JsonObject[] {
	return names.messages(messages).map((message) => {
		const { role, content } = message;
		if (message.role === 'tool') return { role, tool_call_id: message.tool_call_id, content };
		const calls = callsOf(message).map(({ id, function: made }) => ({
			id,
			type: 'function',
			function: { name: made.name, arguments: writeArguments(made) }
		}));
		if (calls.length === 0) return { role, content };
		return { role, ...(content !== '' && { content }), tool_calls: calls };
	});
}

/** The API refuses an empty list, and `parallel_tool_calls` where there is no list. */
export function openaiTools(tools: readonly ToolSpec[], names: ToolNames): JsonObject {
	return tools.length === 0 ? {} : { tools: toolsColumn(names.tools(tools)), parallel_tool_calls: false };
}

/** The API refuses an assistant message with neither words nor calls, and names with other characters than its own. */
export function* openaiProblems(example: TrainingExample, names: ToolNames): Generator<string> {
	for (const { place, message } of messagesOf(example)) {
		for (const { function: made } of callsOf(message))
			if (!names.has(made.name))
				yield `${place}: OpenAI takes no tool of the name ${JSON.stringify(made.name)}`;
		if (message.role === 'assistant' && message.content === '' && callsOf(message).length === 0)
			yield `${place}: OpenAI takes no assistant message without words and calls`;
	}
}
