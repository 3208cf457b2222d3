import { expectedAt } from '../call-arguments.ts';
import { hermesToolsSection, writeHermesCall } from '../hermes-write.ts';
import { readJsonCalls } from './json-calls.ts';
import type { CallSyntax } from './syntax.ts';

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
		const found = readJsonCalls(reply, from, { closers: [close, open] });
		if (typeof found === 'string') return found;
		const closed = reply.after([close], found.end);
		if (closed !== undefined) return { calls: found.calls, end: closed };
		const after = reply.skipSpace(found.end);
		if (reply.has(open, after)) {
			// The opening tag once more, for the closing one.
			const isLast = reply.isEnd(after + open.length);
			return { calls: found.calls, end: isLast ? after + open.length : found.end };
		}
		return reply.isEnd(after) ? found : expectedAt(text, after, close);
	},
	write: (calls) => calls.map(writeHermesCall).join('\n'),
	tell: hermesToolsSection
};
