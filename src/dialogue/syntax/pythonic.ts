import { isJsonObject, JsonText, jsonText, type JsonSource } from '../../base/json.ts';
import { expectedAt, writtenMembers } from '../call-arguments.ts';
import type { ToolCall } from '../message.ts';
import { pythonCall, pythonName } from './python.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, FoundCall, FoundCalls, Reading } from './syntax.ts';
import { callWith } from './typed-value.ts';

/**
 * Reads calls of Python at `from`: a list of them, or one after the other.
 * @returns what is wrong with them, if they name a tool; else `undefined`
 */
export function readPythonCalls(
	reply: ReplyText,
	from: number,
	closers: readonly string[] = []
): FoundCalls | string | undefined {
	const { text } = reply;
	let at = reply.skipSpace(from);
	const isList = text[at] === '[';
	if (isList) at = reply.skipSpace(at + 1);
	if (isList && text[at] === ']') return { calls: [], end: at + 1 };
	const calls: FoundCall[] = [];
	for (;;) {
		pythonName.lastIndex = at;
		const name = pythonName.exec(text)?.[0];
		if (name === undefined || text[reply.skipSpace(at + name.length)] !== '(' || !isCallable(reply, name))
			return calls.length > 0 ? expectedAt(text, at, 'a call of a tool') : undefined;
		const one = pythonCall(text, at);
		if (!one.ok) return expectedAt(text, one.at, one.expected);
		const call = callWith(toolName(reply, one.name), one.members);
		if (typeof call === 'string') return call;
		calls.push(call);
		const separator = reply.skipSpace(one.end);
		if (isList && text[separator] === ']') return { calls, end: separator + 1 };
		if (text[separator] === ',' || text[separator] === ';') at = reply.skipSpace(separator + 1);
		else if (isList && reply.closed(closers, separator) !== undefined) return { calls, end: one.end };
		else if (isList) return expectedAt(text, separator, '"," or "]"');
		else at = separator;
		if (isList && text[at] === ']') return { calls, end: at + 1 };
		pythonName.lastIndex = at;
		if (!isList && !pythonName.test(text)) return { calls, end: one.end };
	}
}

/** Llama calls its own tools by `name.call(…)`. */
function toolName(reply: ReplyText, name: string): string {
	const called = name.endsWith('.call') ? name.slice(0, -'.call'.length) : name;
	return reply.isTool(called) ? called : reply.toolNamed(name);
}

function isCallable(reply: ReplyText, name: string): boolean {
	return reply.mayBeTool(toolName(reply, name));
}

function readTagged(closers: readonly string[]) {
	return (reply: ReplyText, from: number): Reading => {
		// Around tags of another syntax these say nothing more.
		if (reply.after(['<invoke '], from) !== undefined) return { calls: [], end: from };
		const empty = reply.after(closers, from);
		if (empty !== undefined) return { calls: [], end: empty };
		const found = readPythonCalls(reply, from, closers);
		if (typeof found !== 'object') return found;
		const closed = reply.closed(closers, found.end);
		if (closed !== undefined || reply.isEnd(found.end)) return { ...found, end: closed ?? found.end };
		return expectedAt(reply.text, reply.skipSpace(found.end), closers[0] ?? 'the end');
	};
}

function writePython({ function: made }: ToolCall): string {
	const given = writtenMembers(made).map(([key, value]) => `${key}=${pythonText(value)}`);
	return `${made.name}(${given.join(', ')})`;
}

/** As Python's `repr` would, but strings in JSON's quotes, which mean the same there. */
function pythonText(value: JsonSource): string {
	if (value === null) return 'None';
	if (value === true) return 'True';
	if (value === false) return 'False';
	if (Array.isArray(value)) return `[${(value as readonly JsonSource[]).map(pythonText).join(', ')}]`;
	if (!(value instanceof JsonText) && isJsonObject(value))
		return `{${Object.entries(value)
			.map(([key, member]) => `${JSON.stringify(key)}: ${pythonText(member)}`)
			.join(', ')}}`;
	return jsonText(value);
}

export const pythonic: readonly CallSyntax[] = [
	{
		id: 'llama4-pythonic',
		label: 'Llama 4',
		openers: ['<|python_start|>', '<|python_tag|>'],
		markers: ['<|python_start|>', '<|python_end|>', '<|python_tag|>'],
		read: readTagged(['<|python_end|>', '<|eom|>', '<|eom_id|>'])
	},
	{
		id: 'lfm2-pythonic',
		label: 'LFM2, LFM2.5',
		openers: ['<|tool_call_start|>'],
		markers: ['<|tool_call_start|>', '<|tool_call_end|>'],
		read: readTagged(['<|tool_call_end|>']),
		write: (calls) => `<|tool_call_start|>[${calls.map(writePython).join(', ')}]<|tool_call_end|>`
	},
	{
		id: 'olmo3',
		label: 'OLMo 3',
		openers: ['<function_calls>'],
		markers: ['<function_calls>', '</function_calls>'],
		read: readTagged(['</function_calls>']),
		write: (calls) => `<function_calls>\n${calls.map(writePython).join('\n')}\n</function_calls>`
	},
	{
		id: 'gemma3-tool-code',
		label: 'Gemma 3, by its documented prompt',
		openers: ['```tool_code'],
		markers: [],
		read: (reply, from) => {
			// Its prompt asks for bare calls, and it likes to print what they give.
			const start = reply.after(['print('], from);
			return start === undefined
				? readTagged(['```'])(reply, from)
				: readTagged([')\n```', ')```'])(reply, start);
		}
	}
];

/** Without tags: a reply of its own, see `untagged.ts`. */
export function writePythonic(calls: readonly ToolCall[]): string {
	return `[${calls.map(writePython).join(', ')}]`;
}
