import type { CallArguments } from './call-arguments.ts';

/** A call as the OpenAI chat format nests it; `arguments` is always an object here, never a string. */
export interface ToolCall {
	readonly id: string;
	readonly type: 'function';
	readonly function: { readonly name: string } & CallArguments;
}

export interface SystemMessage {
	readonly role: 'system';
	readonly content: string;
}

export interface UserMessage {
	readonly role: 'user';
	readonly content: string;
}

/** `content` is `""` beside calls that came without words. */
export interface AssistantMessage {
	readonly role: 'assistant';
	readonly content: string;
	/**
	 * What the model thought before it spoke, without the tags around it; absent if nothing. It is not part of what was said: the other side
	 * never sees it, and messages that differ only in it are the same message.
	 */
	readonly reasoning?: string;
	readonly tool_calls?: readonly ToolCall[];
}

/** Whether a model only thought: it neither said anything nor made a call. */
export function onlyThinks({ content, reasoning, tool_calls }: AssistantMessage): boolean {
	return reasoning !== undefined && content.trim() === '' && !tool_calls?.length;
}

/** The answer to one call; `content` is text, usually JSON. */
export interface ToolMessage {
	readonly role: 'tool';
	readonly content: string;
	readonly tool_call_id: string;
	readonly name: string;
}

/** OpenAI-style chat message with two promises: `content` is a string, `arguments` an object. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** A message that every chat template can render: no calls, no tool role. */
export interface PlainMessage {
	readonly role: 'system' | 'user' | 'assistant';
	readonly content: string;
}

/** A message of a conversation and who sees it (the user simulator never sees calls and results). */
export type StoredMessage = (Exclude<Message, UserMessage> | SimulatedMessage) & {
	readonly seenBy: 'agent' | 'user' | 'both';
};

/** What the user simulator said. Its thoughts are kept for people to read: no model is ever shown them. */
export interface SimulatedMessage extends UserMessage {
	/** As an assistant's. */
	readonly reasoning?: string;
}
