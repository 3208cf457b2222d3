import type { CallArguments } from '../call-arguments.ts';
import type { ToolCall } from '../message.ts';
import type { ToolSpec } from '../tool.ts';
import type { ReplyText } from './reply-text.ts';

/** A call as it was found, without an id. */
export interface FoundCall extends CallArguments {
	readonly name: string;
}

/** Calls that end before offset `end`. None at all is a reading, too: `<tool_call>[]</tool_call>` says that nothing is called. */
export interface FoundCalls {
	readonly calls: readonly FoundCall[];
	readonly end: number;
}

/**
 * What a syntax makes of a place in a reply: calls; why what is meant as calls cannot be read; or `undefined` for words and for what
 * another syntax may read.
 */
export type Reading = FoundCalls | string | undefined;

/** One way in which models write calls. */
export interface CallSyntax {
	/** Stored with runs. */
	readonly id: string;
	/** Models that write so, for people. */
	readonly label: string;
	/** What such calls begin with wherever they stand; several syntaxes may share one. */
	readonly openers: readonly string[];
	/** Control tokens of these models' vocabularies, which engines leave out of a reply unless they are told to keep them. */
	readonly markers: readonly string[];
	/**
	 * Reads what begins with an opener. Takes time in proportion to what it looks at, and looks at little before it says `undefined`.
	 * @param from where the opener ends
	 */
	readonly read: (reply: ReplyText, from: number) => Reading;
	/** What a prompt holds for these calls; its reader reads it back. Where no prompt or dataset needs it there is none. */
	readonly write?: (calls: readonly ToolCall[]) => string;
	/** What a system message ends with to tell a model of its tools, and that it is to call them so. */
	readonly tell?: (tools: readonly ToolSpec[]) => string;
}
