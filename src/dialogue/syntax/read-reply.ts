import { parseHermes, type Span } from '../hermes-parse.ts';
import type { ToolCall } from '../message.ts';
import type { ToolSpec } from '../tool.ts';

export interface ReplyOptions {
	/** The tools of the request: XML-like syntaxes need their schemas, bare calls their names. Without them every name is taken. */
	readonly tools?: readonly ToolSpec[];
	/** What the prompt had opened when the reply began, e.g. `<think>`. */
	readonly opened?: string;
	/** The id of the syntax that is tried first. */
	readonly syntax?: string;
	/** Call `i` gets the id `idPrefix + i`, from 0. */
	readonly idPrefix?: string;
}

/** Something that is meant as a call and is none; `message` names the offset and what was expected there. */
export interface ReplyProblem extends Span {
	readonly message: string;
}

/** What a model wrote, taken apart. */
export interface ReplyReading {
	/** The text that is neither call nor thought: each piece trimmed, empty ones left out, joined by line breaks. */
	readonly content: string;
	/** Thoughts, without the tags around them; absent if there are none. */
	readonly reasoning?: string;
	readonly toolCalls: readonly ToolCall[];
	readonly problems: readonly ReplyProblem[];
	/** The reply but for its thoughts: what to keep of one that has problems. */
	readonly spoken: string;
}

/** Reads what a model wrote: words, thoughts and calls, in whatever syntax. Never throws and never loses text. */
export function readReply(text: string, { idPrefix = 'call_' }: ReplyOptions = {}): ReplyReading {
	const { content, toolCalls, problems } = parseHermes(text, { idPrefix });
	return { content, toolCalls, problems, spoken: text };
}
