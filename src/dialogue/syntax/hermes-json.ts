import { expectedAt } from '../call-arguments.ts';
import { hermesToolsSection, writeHermesCall } from '../hermes-write.ts';
import { readJsonCalls } from './json-calls.ts';
import { readNameLines } from './named-json.ts';
import { readPythonCalls } from './pythonic.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, FoundCalls } from './syntax.ts';

const open = '<tool_call>';
const close = '</tool_call>';

/** `<tool_call>{"name": …, "arguments": …}</tool_call>`. Nobody says the tag for anything else, so what follows it is a call or a problem. */
export const hermesJson: CallSyntax = {
	id: 'hermes-json',
	label: 'Hermes, Qwen2.5, Qwen3, SmolLM, Granite 4 and many more; the embedded model',
	openers: [open],
	markers: [open, close, '<tool_response>', '</tool_response>'],
	read(reply, from) {
		const { text } = reply;
		const isQuoted = /^[`"'”’]/.test(text.slice(from, from + 1));
		if (isQuoted) return undefined;
		const start = reply.skipSpace(from);
		// Around tags of another syntax it says nothing more.
		if (/^<(?:tool_call>|invoke |function[ =])/.test(text.slice(start, start + 12)))
			return { calls: [], end: from };
		const found = readInside(reply, from);
		if (typeof found === 'string') return found;
		const closed = reply.closed([close], found.end);
		if (closed !== undefined) return { calls: found.calls, end: closed };
		const after = reply.skipSpace(found.end);
		return reply.isEnd(after) || reply.has(open, after) ? found : expectedAt(text, after, close);
	},
	write: (calls) => calls.map(writeHermesCall).join('\n'),
	tell: hermesToolsSection
};

/** JSON; where there is none, a tool called as other models do. */
function readInside(reply: ReplyText, from: number): FoundCalls | string {
	const isJson = /^(?:```|[[{])/.test(reply.text.slice(reply.skipSpace(from), reply.skipSpace(from) + 3));
	const other = isJson ? undefined : (readNameLines(reply, from) ?? readPythonCalls(reply, from));
	return other ?? readJsonCalls(reply, from, { closers: [close, open] });
}
