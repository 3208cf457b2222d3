import { isJsonObject, jsonText, type JsonObject } from '../../base/json.ts';
import { asWritten, writeArguments } from '../call-arguments.ts';
import type { ToolCall } from '../message.ts';
import { jsonCall, jsonObjectAt, readJsonCalls, type JsonCallOptions } from './json-calls.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, FoundCall, Reading } from './syntax.ts';

/** Calls as JSON behind an opener, which only counts where JSON follows. */
export function readTaggedJson(closers: readonly string[] = [], options: JsonCallOptions = {}) {
	return (reply: ReplyText, from: number): Reading => {
		const { text } = reply;
		const start = reply.skipSpace(from);
		if (!/^(?:```\w*\s*)?[[{]/.test(text.slice(start, start + 40))) return undefined;
		const found = readJsonCalls(reply, from, { ...options, closers });
		if (typeof found === 'string') return found;
		return { calls: found.calls, end: reply.closed(closers, found.end) ?? found.end };
	};
}

/** `{"name": …, "arguments": …}`, numbers as they were written. */
export function writeJsonCall({ function: made }: ToolCall, argumentsKey = 'arguments'): string {
	return `{"name": ${JSON.stringify(made.name)}, "${argumentsKey}": ${writeArguments(made)}}`;
}

function writeList(calls: readonly ToolCall[]): string {
	return `[${calls.map((call) => writeJsonCall(call)).join(', ')}]`;
}

/** Models that write JSON behind a token of their own. */
export const taggedJson: readonly CallSyntax[] = [
	{
		id: 'mistral-json-list',
		label: 'Mistral 7B v0.3, Nemo, Small 3.0',
		openers: ['[TOOL_CALLS]'],
		markers: ['[TOOL_CALLS]'],
		read: readTaggedJson(),
		write: (calls) =>
			`[TOOL_CALLS][${calls
				.map(
					({ id, function: made }) =>
						`{"name": ${JSON.stringify(made.name)}, "arguments": ${writeArguments(made)}, "id": ${JSON.stringify(id)}}`
				)
				.join(', ')}]`
	},
	{
		id: 'granite3',
		label: 'Granite 3.1 to 3.3',
		openers: ['<|tool_call|>', '<tool_call|>'],
		markers: ['<|tool_call|>'],
		read: readTaggedJson(['<|/tool_call|>', '</|tool_call|>']),
		write: (calls) => `<|tool_call|>${writeList(calls)}`
	},
	{
		id: 'phi4-mini',
		label: 'Phi-4-mini',
		openers: ['<|tool_call|>'],
		markers: ['<|tool_call|>', '<|/tool_call|>'],
		read: readTaggedJson(['<|/tool_call|>', '</|tool_call|>']),
		write: (calls) => `<|tool_call|>${writeList(calls)}<|/tool_call|>`
	},
	{
		id: 'functools',
		label: 'Phi-4-mini, Firefunction v2',
		openers: ['functools['],
		markers: [],
		read: (reply, from) => readTaggedJson()(reply, from - 1)
	},
	{
		id: 'lfm2-json',
		label: 'LFM2, asked for JSON',
		openers: ['<|tool_call_start|>'],
		markers: ['<|tool_call_start|>', '<|tool_call_end|>'],
		read: readTaggedJson(['<|tool_call_end|>'])
	},
	{
		id: 'llama3-json',
		label: 'Llama 3.1 to 3.3',
		openers: ['<|python_tag|>'],
		markers: ['<|python_tag|>'],
		read: readTaggedJson(['<|eom_id|>', '<|eot_id|>']),
		write: (calls) => calls.map((call) => writeJsonCall(call, 'parameters')).join('; ')
	},
	{
		id: 'tool-calls-list',
		label: 'Jamba, Hunyuan A13B, Apriel, MiniMax M1',
		openers: ['<tool_calls>'],
		markers: ['<tool_calls>', '</tool_calls>'],
		read: readTaggedJson(['</tool_calls>'])
	},
	{
		// Where small models take the tags of the list of tools for those of a call.
		id: 'other-tags',
		label: 'any model, by mistake',
		openers: ['<tools>', '<function_call>', '<functioncall>', '<function_calls>'],
		markers: [],
		read: (reply, from) => {
			const found = readTaggedJson(['</functioncall>'])(reply, from);
			const isMeant = typeof found === 'object' && found.calls.every(({ name }) => reply.mayBeTool(name));
			return isMeant ? found : undefined;
		}
	},
	{
		id: 'nemotron-v2',
		label: 'Nemotron Nano 2, Llama-Nemotron Super',
		openers: ['<TOOLCALL>'],
		markers: ['<TOOLCALL>', '</TOOLCALL>'],
		read: readTaggedJson(['</TOOLCALL>'])
	},
	{
		id: 'command-r7b',
		label: 'Command R7B, Command A',
		openers: ['<|START_ACTION|>'],
		markers: ['<|START_ACTION|>', '<|END_ACTION|>'],
		read: readTaggedJson(['<|END_ACTION|>'])
	},
	{
		id: 'command-r',
		label: 'Command R, R+',
		openers: ['Action: ```json', 'Action:```json', 'Action:\n```json', 'Action: \n```json'],
		markers: [],
		read: (reply, from) => {
			const found = readTaggedJson(['```'])(reply, from);
			// The tool by which these models say that they call none.
			return typeof found === 'object'
				? { ...found, calls: found.calls.filter(({ name }) => !/^directly[-_]answer$/.test(name)) }
				: found;
		}
	},
	{
		id: 'apertus',
		label: 'Apertus',
		openers: ['<|tools_prefix|>'],
		markers: ['<|tools_prefix|>', '<|tools_suffix|>'],
		read: readTaggedJson(['<|tools_suffix|>'], { call: callByKey })
	},
	{
		id: 'internlm2',
		label: 'InternLM 2, 3',
		openers: ['<|action_start|><|plugin|>', '<|action_start|> <|plugin|>'],
		markers: ['<|action_start|>', '<|plugin|>', '<|action_end|>'],
		read: readTaggedJson(['<|action_end|>'])
	},
	{
		id: 'gigachat3.1',
		label: 'GigaChat 3, 3.1',
		openers: ['<|function_call|>', 'function call<|role_sep|>'],
		markers: ['<|function_call|>', '<|role_sep|>'],
		read: readTaggedJson()
	},
	{
		id: 'longcat',
		label: 'LongCat Flash',
		openers: ['<longcat_tool_call>'],
		markers: ['<longcat_tool_call>', '</longcat_tool_call>'],
		read: readTaggedJson(['</longcat_tool_call>'])
	}
];

/** `{"name": {…}}` */
function callByKey({ value, members }: Parameters<typeof jsonCall>[0]): FoundCall | string {
	const [entry, ...more] = Object.entries(value as JsonObject);
	if (!entry || more.length > 0 || !isJsonObject(entry[1]))
		return `expected an object of one member, the tool, found ${jsonText(value)}`;
	return { name: entry[0], ...asWritten(entry[1], members.get(entry[0])!) };
}

/** A JSON object at `from`, which is what a call is given; or what is wrong with it. */
export function argumentsAt(
	reply: ReplyText,
	from: number,
	{ name, closers = [] }: { readonly name: string; readonly closers?: readonly string[] }
): { readonly call: FoundCall; readonly end: number } | string {
	const found = jsonObjectAt(reply, from, closers);
	if (typeof found === 'string') return found;
	return { call: { name, ...asWritten(found.value, found.text) }, end: found.end };
}
