import { JsonText, type Json, type JsonObject, type JsonRecord, type JsonSource } from '../../base/json.ts';
import type { CallArguments } from '../../dialogue/call-arguments.ts';
import type { Message, ToolCall } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { Origin } from '../../harvest/examples.ts';
import type { ThoughtMember } from '../thoughts.ts';

/** How `datasets` reads a column, as the dataset card declares it. `json`: as it was written, whatever it holds. */
export type ColumnFeature = 'bool' | 'json' | 'list of json';

export interface MessageForm {
	/** By default `arguments` stays an object: templates for tools render nothing else well. */
	readonly argumentsCell?: ArgumentsCell;
	/** What thoughts are called; by default there are none. */
	readonly thoughts?: ThoughtMember | undefined;
}

/**
 * A conversation as chat templates take it, keys in fixed order: `{role, content}`, of a call `{role, content, tool_calls}`, of its
 * answer `{role, tool_call_id, name, content}`. Thoughts stand behind `content`.
 */
export function messagesColumn(messages: readonly Message[], form: MessageForm = {}): JsonRecord[] {
	return messages.map((message) => messageCell(message, form));
}

export type ArgumentsCell = (made: CallArguments) => JsonSource;

function messageCell(
	message: Message,
	{ argumentsCell = writtenArguments, thoughts }: MessageForm
): JsonRecord {
	const { role, content } = message;
	if (message.role === 'tool')
		return { role, tool_call_id: message.tool_call_id, name: message.name, content };
	if (message.role !== 'assistant') return { role, content };
	const { reasoning, tool_calls: calls = [] } = message;
	return {
		role,
		content,
		...(thoughts && reasoning !== undefined && { [thoughts]: reasoning }),
		...(calls.length > 0 && { tool_calls: calls.map((call) => callCell(call, argumentsCell)) })
	};
}

function callCell({ id, function: made }: ToolCall, argumentsCell: ArgumentsCell): JsonRecord {
	return { id, type: 'function', function: { name: made.name, arguments: argumentsCell(made) } };
}

/** The arguments as an object of a row, numbers as they were written. */
export function writtenArguments({ arguments: args, argumentsText }: CallArguments): JsonObject | JsonText {
	return argumentsText === undefined ? args : new JsonText(argumentsText);
}

/**
 * Tools as the OpenAI API and chat templates take them.
 * @param parametersCell by default `parameters` stays an object
 */
export function toolsColumn(
	tools: readonly ToolSpec[],
	parametersCell: (parameters: JsonObject) => Json = (parameters) => parameters
): JsonObject[] {
	return tools.map(({ name, description, parameters }) => ({
		type: 'function',
		function: { name, description, parameters: parametersCell(parameters) }
	}));
}

/**
 * All that is not an input of a trainer, under one name, so that no trainer takes it for a column of its own. Only for files whose
 * readers leave unknown columns alone: OpenAI and those who take its files refuse them, Axolotl hands them on to what it trains with.
 */
export function metaColumn(origin: Origin): JsonObject {
	const { scenario, split, reward, turn, path, nodeTurn, message } = origin;
	return { scenario, split, reward, turn, path, node_turn: nodeTurn, message };
}

/**
 * For TRL's files, whose columns are a conversation or the tools, but for `label` and `meta`. Inferred from the values, a text that
 * looks like a day would become a timestamp, which no chat template can write, and arguments that only some calls have would be filled
 * up with null.
 */
export function trlFeatures(...columns: readonly string[]): Readonly<Record<string, ColumnFeature>> {
	const special: Readonly<Record<string, ColumnFeature>> = { label: 'bool', meta: 'json' };
	return Object.fromEntries(
		[...columns, 'tools', 'meta'].map((column) => [column, special[column] ?? 'list of json'])
	);
}
