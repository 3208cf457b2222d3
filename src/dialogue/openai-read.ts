import { parseJson } from '../base/json-read.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { readArguments } from './call-arguments.ts';
import type { AssistantMessage, Message, ToolCall } from './message.ts';

/** A value is no conversation in OpenAI's chat format; the message says where and why. */
export class ChatFormatError extends Error {
	override readonly name = 'ChatFormatError';
}

/** A conversation from a file. */
export interface ReadConversation {
	/** From 1. */
	readonly line: number;
	readonly messages: readonly Message[];
}

/**
 * The conversations of a JSON Lines file: in each line `messages`, or `prompt` and `completion` (or `chosen`), as trainers have them.
 * Empty lines do not count; a line that cannot be read does not keep the others from being read.
 */
export function readChatLines(text: string): {
	readonly conversations: readonly ReadConversation[];
	readonly problems: readonly { readonly line: number; readonly reason: string }[];
} {
	const conversations: ReadConversation[] = [];
	const problems: { line: number; reason: string }[] = [];
	for (const [index, line] of text.split('\n').entries()) {
		if (line.trim() === '') continue;
		try {
			conversations.push({ line: index + 1, messages: readChat(parseJson(line)) });
		} catch (error) {
			problems.push({ line: index + 1, reason: error instanceof Error ? error.message : String(error) });
		}
	}
	return { conversations, problems };
}

/**
 * The messages of one record. Calls whose `arguments` are JSON text, as OpenAI has them, become objects; missing content becomes "";
 * content in parts becomes its text; a tool's answer without a name takes that of its call.
 * @throws {ChatFormatError}
 */
export function readChat(record: unknown): Message[] {
	if (!isJsonObject(record)) throw new ChatFormatError('it is no object');
	const rows = listOf(record);
	const names = new Map<string, string>();
	return rows.map((row, index) => {
		const where = `message ${index + 1}`;
		if (!isJsonObject(row)) throw new ChatFormatError(`${where} is no object`);
		const message = readMessage(row, where, names);
		if (message.role === 'assistant')
			for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
		return message;
	});
}

function listOf({ messages, prompt, completion, chosen }: JsonObject): readonly unknown[] {
	const answer = completion ?? chosen;
	if (Array.isArray(messages)) return messages;
	if (Array.isArray(prompt) && Array.isArray(answer)) return [...prompt, ...answer];
	throw new ChatFormatError('it has no list "messages" (or "prompt" and "completion")');
}

function readMessage(row: JsonObject, where: string, names: ReadonlyMap<string, string>): Message {
	const content = readContent(row['content'], where);
	switch (row['role']) {
		case 'system':
		case 'developer':
			return { role: 'system', content };
		case 'user':
			return { role: 'user', content };
		case 'assistant':
			return readAssistant(content, row['tool_calls'], where);
		case 'tool': {
			const id = row['tool_call_id'];
			const name = row['name'];
			const called = typeof id === 'string' ? id : '';
			return {
				role: 'tool',
				content,
				tool_call_id: called,
				name: typeof name === 'string' ? name : (names.get(called) ?? '')
			};
		}
		default:
			throw new ChatFormatError(`${where} has the role ${JSON.stringify(row['role'] ?? null)}`);
	}
}

function readContent(content: unknown, where: string): string {
	if (content === undefined || content === null) return '';
	if (typeof content === 'string') return content;
	if (Array.isArray(content)) {
		const texts = content.map((part: unknown) => (isJsonObject(part) ? part['text'] : undefined));
		if (texts.every((text) => typeof text === 'string')) return texts.join('');
	}
	throw new ChatFormatError(`${where} has content that is no text`);
}

function readAssistant(content: string, calls: unknown, where: string): AssistantMessage {
	if (calls === undefined || calls === null) return { role: 'assistant', content };
	if (!Array.isArray(calls)) throw new ChatFormatError(`${where} has tool_calls that are no list`);
	if (calls.length === 0) return { role: 'assistant', content };
	return { role: 'assistant', content, tool_calls: calls.map((call) => readCall(call, where)) };
}

function readCall(call: unknown, where: string): ToolCall {
	const made = isJsonObject(call) ? call['function'] : undefined;
	if (!isJsonObject(call) || !isJsonObject(made) || typeof made['name'] !== 'string')
		throw new ChatFormatError(`${where} has a call without a function's name`);
	const { name } = made;
	const args = readArguments(made['arguments']);
	if (typeof args === 'string')
		throw new ChatFormatError(`${where} calls ${name} with arguments that cannot be read: ${args}`);
	const id = call['id'];
	return { id: typeof id === 'string' ? id : '', type: 'function', function: { name, ...args } };
}
