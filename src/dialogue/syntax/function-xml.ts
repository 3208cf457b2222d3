import { expectedAt, writeArguments, writtenMembers } from '../call-arguments.ts';
import { jsonText } from '../../base/json.ts';
import type { ToolCall } from '../message.ts';
import type { ToolSpec } from '../tool.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, FoundCall, FoundCalls, Reading } from './syntax.ts';
import { argumentsAt } from './tagged-json.ts';
import { callWith, typedJson } from './typed-value.ts';

const opener = '<function=';
const parameter = '<parameter=';
const parameterEnd = '</parameter>';
const functionEnd = '</function>';

/** `<function=name><parameter=key>value</parameter></function>`, one or several, in tags or without. */
function readFunctions(wrapper: { readonly close: string } | undefined) {
	return (reply: ReplyText, from: number): Reading => {
		const { text } = reply;
		const closers = wrapper ? [wrapper.close] : ['</tool_call>'];
		const calls: FoundCall[] = [];
		let at = wrapper ? reply.after([opener], from) : from;
		if (at === undefined) return undefined;
		for (;;) {
			const name = /^[\w.-]+(?=>)/.exec(text.slice(at, at + 200))?.[0];
			if (name === undefined || (!wrapper && !reply.mayBeTool(name)))
				return calls.length > 0 || wrapper ? expectedAt(text, at, 'the name of a tool and ">"') : undefined;
			const one = readBody(reply, at + name.length + 1, name, closers);
			if (typeof one === 'string') return one;
			calls.push(...one.calls);
			const next = reply.after([opener], one.end);
			if (next === undefined) return { calls, end: reply.closed(closers, one.end) ?? one.end };
			at = next;
		}
	};
}

function readBody(
	reply: ReplyText,
	from: number,
	name: string,
	closers: readonly string[]
): FoundCalls | string {
	const { text } = reply;
	if (text[reply.skipSpace(from)] === '{') {
		const found = argumentsAt(reply, from, { name, closers: [functionEnd] });
		if (typeof found === 'string') return found;
		return { calls: [found.call], end: reply.after([functionEnd], found.end) ?? found.end };
	}
	const members: [string, string][] = [];
	let at = from;
	for (;;) {
		const start = reply.skipSpace(at);
		const closed = reply.after([functionEnd], start);
		if (closed !== undefined || reply.isEnd(start) || closers.some((one) => reply.has(one, start))) {
			const call = callWith(name, members);
			return typeof call === 'string' ? call : { calls: [call], end: closed ?? start };
		}
		const key = text.startsWith(parameter, start)
			? /^[^<>\n]+(?=>)/.exec(text.slice(start + parameter.length, start + parameter.length + 200))?.[0]
			: undefined;
		if (key === undefined) return expectedAt(text, start, `${parameter}…> or ${functionEnd}`);
		const valueStart = start + parameter.length + key.length + 1;
		// Small models leave out the closing tag of a parameter.
		const end = reply.findAny([parameterEnd, `\n${parameter}`, `\n${functionEnd}`], valueStart);
		if (end >= reply.end) return expectedAt(text, reply.end, parameterEnd);
		const value = withoutLineBreaks(text.slice(valueStart, end));
		members.push([key, typedJson(value, reply.schemaOf(name, key))]);
		at = end + (reply.has(parameterEnd, end) ? parameterEnd.length : 0);
	}
}

/** One line break after the opening tag and one before the closing tag belong to the tags. */
function withoutLineBreaks(value: string): string {
	return value.replace(/^\r?\n/, '').replace(/\r?\n$/, '');
}

function writeFunction({ function: made }: ToolCall): string {
	const parameters = writtenMembers(made).map(([key, value]) => {
		const text = typeof value === 'string' ? value : jsonText(value);
		return `${parameter}${key}>\n${text}\n${parameterEnd}\n`;
	});
	return `<tool_call>\n${opener}${made.name}>\n${parameters.join('')}${functionEnd}\n</tool_call>`;
}

function tellFunctions(tools: readonly ToolSpec[]): string {
	const lines = tools.map(({ name, description, parameters }) =>
		jsonText({ type: 'function', function: { name, description, parameters } })
	);
	return (
		'\n\n# Tools\n\nYou may call the functions whose signatures are between the <tools> tags:\n' +
		`<tools>\n${lines.join('\n')}\n</tools>\n\n` +
		'To call one, answer with its name and each of its parameters in tags of their own:\n' +
		'<tool_call>\n<function=function-name>\n<parameter=parameter-name>\nvalue\n</parameter>\n</function>\n</tool_call>'
	);
}

/** The same with JSON inside, as Functionary writes it. */
function writeJsonFunction({ function: made }: ToolCall): string {
	return `${opener}${made.name}>${writeArguments(made)}${functionEnd}`;
}

export const functionXml: readonly CallSyntax[] = [
	{
		id: 'qwen3-coder-xml',
		label: 'Qwen3-Coder, Qwen3.5, Nemotron 3, Step 3.5',
		openers: ['<tool_call>'],
		markers: ['<tool_call>', '</tool_call>'],
		read: readFunctions({ close: '</tool_call>' }),
		write: (calls) => calls.map(writeFunction).join('\n'),
		tell: tellFunctions
	},
	{
		id: 'seed-oss-xml',
		label: 'Seed-OSS',
		openers: ['<seed:tool_call>'],
		markers: ['<seed:tool_call>', '</seed:tool_call>'],
		read: readFunctions({ close: '</seed:tool_call>' })
	},
	{
		id: 'functionary-v3.1',
		label: 'Functionary v3.1; Qwen3-Coder without its tags',
		openers: [opener],
		markers: [],
		read: readFunctions(undefined),
		write: (calls) => calls.map(writeJsonFunction).join('')
	}
];
