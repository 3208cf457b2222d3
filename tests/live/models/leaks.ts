import type { StoredMessage } from '../../../src/dialogue/message.ts';

/** What is held against each message of a run. */
export interface LeakRules {
	/** Names of the tools that there are. */
	readonly tools: readonly string[];
	/** Tokens of the model's vocabulary that stand for no text. */
	readonly controlTokens: readonly string[];
}

/** A message whose reply could not be read: all that was written is kept, calls included, and the search knows. */
type Judged = { readonly message: StoredMessage; readonly isProblem: boolean };

const thought =
	/<\/?(?:think|thinking|thought|reasoning)>|\[\/?THINK\]|<\|channel\|>|<\|channel>|◁\/?think▷/i;
const callMark = /<\/?tool_calls?>|<\|?tool_call|<\|python_tag\|>|\[TOOL_CALLS\]|<function[=_]|<invoke\b/;

/** What is in a message's words and should not be, in words; written without the reader that is being checked. */
export function leaksIn({ message, isProblem }: Judged, { tools, controlTokens }: LeakRules): string[] {
	if (message.role !== 'assistant' && message.role !== 'user') return [];
	const { content } = message;
	const found = [
		thought.test(content) && 'a thought',
		...controlTokens.filter((token) => content.includes(token)).map((token) => `the control token ${token}`)
	];
	if (!isProblem) {
		found.push(callMark.test(content) && 'the mark of a call');
		for (const tool of tools) found.push(isCallOf(tool, content) && `a call of ${tool} that stayed speech`);
	}
	return found.filter((leak) => leak !== false);
}

/** JSON that names the tool beside its arguments, or a line that is nothing but the tool with arguments by name. */
function isCallOf(tool: string, content: string): boolean {
	const name = tool.replace(/[^\w]/g, '\\$&');
	const json = new RegExp(`"name"\\s*:\\s*"${name}"\\s*,\\s*"(?:arguments|parameters)"\\s*:`);
	const line = new RegExp(`^\\s*\\[?${name}\\((?:\\w+\\s*=[^\\n]*)?\\)[\\];,]*\\s*$`, 'm');
	return json.test(content) || line.test(content);
}
