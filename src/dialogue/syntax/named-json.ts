import { expectedAt } from '../call-arguments.ts';
import type { ToolCall } from '../message.ts';
import { writeArguments } from '../call-arguments.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, FoundCall, Reading } from './syntax.ts';
import { argumentsAt } from './tagged-json.ts';

/** How a model puts a tool's name before the JSON that it is given. */
interface Form {
	/** The name in its first group, matched at the opener's end. */
	readonly head: RegExp;
	readonly closers: readonly string[];
	/** The tags say for certain that it is a call. Otherwise only the name of a tool does. */
	readonly isCertain: boolean;
}

function readNamed({ head, closers, isCertain }: Form) {
	return (reply: ReplyText, from: number): Reading => {
		const { text } = reply;
		const found = head.exec(text.slice(from, from + 300));
		if (!found || !(isCertain || reply.mayBeTool(found[1]!))) return undefined;
		const at = from + found[0].length;
		const args = argumentsAt(reply, at, { name: found[1]!, closers });
		if (typeof args === 'string') return args;
		return { calls: [args.call], end: reply.closed(closers, args.end) ?? args.end };
	};
}

const deepseek = (name: string) => `<｜tool▁${name}｜>`;

const callsEnd = [deepseek('call▁end'), deepseek('calls▁end')];
const deepseekMarkers = ['calls▁begin', 'call▁begin', 'sep', 'call▁end', 'calls▁end'].map(deepseek);

const mistralArgs: CallSyntax = {
	id: 'mistral-args',
	label: 'Mistral Small 3.2, Devstral, Ministral 3',
	openers: ['[TOOL_CALLS]'],
	markers: ['[TOOL_CALLS]', '[ARGS]', '[CALL_ID]'],
	read: readNamed({
		head: /^\s*([\w.-]+)\s*(?:\[CALL_ID\][^[{]*)?(?:\[ARGS\]|(?=\s*\{))/,
		closers: [],
		isCertain: true
	}),
	write: (calls: readonly ToolCall[]) =>
		calls.map(({ function: made }) => `[TOOL_CALLS]${made.name}[ARGS]${writeArguments(made)}`).join('')
};

export const namedJson: readonly CallSyntax[] = [
	mistralArgs,
	{
		id: 'deepseek-v3-fenced',
		label: 'DeepSeek V3, R1 and what was distilled of it',
		openers: [deepseek('call▁begin'), deepseek('calls▁begin')],
		markers: deepseekMarkers,
		read: readNamed({
			head: /^\s*function<｜tool▁sep｜>\s*([\w.-]+)\s*(?=```|\{)/,
			closers: callsEnd,
			isCertain: true
		})
	},
	{
		id: 'deepseek-v3.1',
		label: 'DeepSeek V3.1',
		openers: [deepseek('call▁begin')],
		markers: deepseekMarkers,
		read: readNamed({ head: /^\s*([\w.-]+)\s*<｜tool▁sep｜>/, closers: callsEnd, isCertain: true })
	},
	{
		id: 'kimi-k2',
		label: 'Kimi K2',
		openers: ['<|tool_call_begin|>'],
		markers: [
			'tool_calls_section_begin',
			'tool_call_begin',
			'tool_call_argument_begin',
			'tool_call_end',
			'tool_calls_section_end'
		].map((name) => `<|${name}|>`),
		read: readNamed({
			head: /^\s*(?:functions\.)?([\w.-]+?)(?::\d+)?\s*<\|tool_call_argument_begin\|>/,
			closers: ['<|tool_call_end|>'],
			isCertain: true
		})
	},
	{
		id: 'solar-open',
		label: 'Solar Open',
		openers: ['<|tool_call:begin|>'],
		markers: [
			'<|tool_calls|>',
			'<|tool_call:begin|>',
			'<|tool_call:name|>',
			'<|tool_call:args|>',
			'<|tool_call:end|>'
		],
		read: readNamed({
			head: /^[^<]*<\|tool_call:name\|>([\w.-]+)<\|tool_call:args\|>/,
			closers: ['<|tool_call:end|>'],
			isCertain: true
		})
	},
	{
		id: 'functionary-v3.2',
		label: 'Functionary v3.2',
		openers: ['>>>'],
		markers: [],
		read: readNamed({ head: /^([\w.-]+)\r?\n(?=\{)/, closers: [], isCertain: false })
	}
];

/** `name` on a line, JSON on the next: without any tag, so only a tool's name makes it a call. One or several. */
export function readNameLines(reply: ReplyText, from: number): Reading {
	const read = readNamed({ head: /^\s*([\w.-]+)[ \t]*\r?\n\s*(?=\{)/, closers: [], isCertain: false });
	const calls: FoundCall[] = [];
	let end = from;
	for (;;) {
		const one = read(reply, end);
		if (typeof one === 'string') return one;
		if (one === undefined) break;
		calls.push(...one.calls);
		end = one.end;
	}
	if (calls.length === 0) return undefined;
	return reply.takesAnyName && !reply.isEnd(end) ? expectedAt(reply.text, end, 'the end') : { calls, end };
}
