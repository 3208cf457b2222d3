import { JsonText, type JsonObject, type JsonRecord } from '../../base/json.ts';
import type { CallArguments } from '../../dialogue/call-arguments.ts';
import type { Message, ToolCall } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { Origin } from '../examples.ts';

/**
 * A conversation as chat templates take it, keys in fixed order: `{role, content}`, of a call `{role, content, tool_calls}`, of its
 * answer `{role, tool_call_id, name, content}`. `arguments` stays an object: templates for tools render nothing else well.
 */
export function messagesColumn(messages: readonly Message[]): JsonRecord[] {
	return messages.map(messageCell);
}

function messageCell(message: Message): JsonRecord {
	const { role, content } = message;
	if (message.role === 'tool')
		return { role, tool_call_id: message.tool_call_id, name: message.name, content };
	if (message.role === 'assistant' && message.tool_calls && message.tool_calls.length > 0)
		return { role, content, tool_calls: message.tool_calls.map(callCell) };
	return { role, content };
}

function callCell({ id, function: made }: ToolCall): JsonRecord {
	return { id, type: 'function', function: { name: made.name, arguments: writtenArguments(made) } };
}

/** The arguments as an object of a row, numbers as they were written. */
export function writtenArguments({ arguments: args, argumentsText }: CallArguments): JsonObject | JsonText {
	return argumentsText === undefined ? args : new JsonText(argumentsText);
}

/** Tools as the OpenAI API and chat templates take them. */
export function toolsColumn(tools: readonly ToolSpec[]): JsonObject[] {
	return tools.map(({ name, description, parameters }) => ({
		type: 'function',
		function: { name, description, parameters }
	}));
}

/**
 * All that is no input of a trainer, under one name, so that no trainer takes it for a column of its own. Only for files whose
 * readers leave unknown columns alone: OpenAI and those who take its files refuse them, Axolotl hands them on to what it trains with.
 */
export function metaColumn(origin: Origin): JsonObject {
	const { scenario, split, reward, turn, path, nodeTurn, message } = origin;
	return { scenario, split, reward, turn, path, node_turn: nodeTurn, message };
}
