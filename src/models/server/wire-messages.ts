import type OpenAI from 'openai';
import { readArguments, writeArguments } from '../../dialogue/call-arguments.ts';
import { compactToolsSection, hermesMessages, hermesToolsSection } from '../../dialogue/hermes-write.ts';
import type { Message, ToolCall } from '../../dialogue/message.ts';
import { ToolNames } from '../../dialogue/tool-names.ts';
import type { GenerateRequest } from '../language-model.ts';
import type { ServerSettings } from './settings.ts';

export type WireMessage = OpenAI.ChatCompletionMessageParam;

/** The conversation as a server is sent it. */
export function wireMessages(
	{ messages, tools }: Pick<GenerateRequest, 'messages' | 'tools'>,
	{ tools: told, greeting }: Pick<ServerSettings, 'tools' | 'greeting'>
): WireMessage[] {
	const section =
		tools.length === 0 || told === 'native'
			? ''
			: told === 'compact'
				? compactToolsSection(tools)
				: hermesToolsSection(tools);
	const wire: WireMessage[] =
		told === 'native'
			? new ToolNames(tools).messages(messages).map(toWire)
			: [...hermesMessages(messages, section)];
	if (greeting === '') return wire;
	const first = wire.findIndex(({ role }) => role !== 'system');
	const at = first < 0 ? wire.length : first;
	if (wire[at]?.role !== 'user') wire.splice(at, 0, { role: 'user', content: greeting });
	return wire;
}

/** One message in the API's own form: `arguments` is JSON text there, and calls without words have no content. */
export function toWire(message: Message): WireMessage {
	switch (message.role) {
		case 'system':
		case 'user':
			return { role: message.role, content: message.content };
		case 'assistant': {
			const { content, tool_calls: calls } = message;
			if (!calls || calls.length === 0) return { role: 'assistant', content };
			return {
				role: 'assistant',
				content: content === '' ? null : content,
				tool_calls: calls.map(({ id, type, function: made }) => ({
					id,
					type,
					function: { name: made.name, arguments: writeArguments(made) }
				}))
			};
		}
		case 'tool': {
			const { role, content, tool_call_id, name } = message;
			// The API knows no `name` here any more, and chat templates still ask for it.
			return { role, content, tool_call_id, name } as WireMessage;
		}
	}
}

/** A call as a server sends it. Members may be missing: servers differ, and streams break off. */
export interface WireCall {
	readonly function?: { readonly name?: string | null; readonly arguments?: unknown } | null;
}

/** The call in `wire`, or what is wrong with it. @param id the call's own; servers' ids differ from time to time */
export function callFromWire(wire: WireCall, id: string): ToolCall | string {
	const name = wire.function?.name;
	if (typeof name !== 'string' || name === '') return 'tool call without a name';
	const args = readArguments(wire.function?.arguments);
	if (typeof args === 'string') return `tool call ${name}: its arguments cannot be read: ${args}`;
	return { id, type: 'function', function: { name, ...args } };
}
