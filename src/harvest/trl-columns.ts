import type { JsonObject } from '../base/json.ts';
import type { Message, ToolCall } from '../dialogue/message.ts';
import type { ToolSpec } from '../dialogue/tool.ts';
import type { Origin } from './examples.ts';

/** A conversation as TRL takes it, keys in fixed order. `arguments` stays an object: templates for tools render nothing else well. */
export function messagesColumn(messages: readonly Message[]): JsonObject[] {
	return messages.map(messageCell);
}

function messageCell(message: Message): JsonObject {
	const { role, content } = message;
	if (message.role === 'tool')
		return { role, tool_call_id: message.tool_call_id, name: message.name, content };
	if (message.role === 'assistant' && message.tool_calls && message.tool_calls.length > 0)
		return { role, content, tool_calls: message.tool_calls.map(callCell) };
	return { role, content };
}

function callCell({ id, function: { name, arguments: args } }: ToolCall): JsonObject {
	return { id, type: 'function', function: { name, arguments: args } };
}

export function toolsColumn(tools: readonly ToolSpec[]): JsonObject[] {
	return tools.map(({ name, description, parameters }) => ({
		type: 'function',
		function: { name, description, parameters }
	}));
}

/** All that is no input of a trainer, under one name, so that no trainer takes it for a column of its own. */
export function metaColumn(origin: Origin): JsonObject {
	const { scenario, split, reward, turn, path, nodeTurn, message } = origin;
	return { scenario, split, reward, turn, path, node_turn: nodeTurn, message };
}
