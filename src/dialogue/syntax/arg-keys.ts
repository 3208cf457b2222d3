import { expectedAt } from '../call-arguments.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, Reading } from './syntax.ts';
import { callWith, typedJson } from './typed-value.ts';

/** `<tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>`. @param suffix of every tag's name */
function readArgKeys(suffix: string) {
	const tag = (name: string) => `<${name}${suffix}>`;
	const open = tag('tool_call');
	const close = tag('/tool_call');
	return (reply: ReplyText, from: number): Reading => {
		const { text } = reply;
		const start = reply.skipSpace(from);
		const name = /^[A-Za-z_][\w.-]*(?=\s*(?:<|$))/.exec(text.slice(start, start + 200))?.[0];
		if (name === undefined) return undefined;
		let at = start + name.length;
		at = reply.after([tag('tool_sep')], at) ?? at;
		const isCall = reply.after([tag('arg_key')], at) !== undefined || reply.mayBeTool(name);
		if (!isCall) return undefined;
		const members: [string, string][] = [];
		for (;;) {
			const keyStart = reply.after([tag('arg_key')], at);
			if (keyStart === undefined) break;
			const keyEnd = reply.find(tag('/arg_key'), keyStart);
			if (keyEnd < 0) return expectedAt(text, reply.end, tag('/arg_key'));
			const valueStart = reply.after([tag('arg_value')], keyEnd + tag('/arg_key').length);
			if (valueStart === undefined)
				return expectedAt(text, reply.skipSpace(keyEnd + tag('/arg_key').length), tag('arg_value'));
			const valueEnd = reply.find(tag('/arg_value'), valueStart);
			if (valueEnd < 0) return expectedAt(text, reply.end, tag('/arg_value'));
			const key = text.slice(keyStart, keyEnd).trim();
			members.push([key, typedJson(text.slice(valueStart, valueEnd), reply.schemaOf(name, key))]);
			at = valueEnd + tag('/arg_value').length;
		}
		const closed = reply.closed([close], at);
		if (closed === undefined && !reply.isEnd(at) && !reply.has(open, reply.skipSpace(at)))
			return expectedAt(text, reply.skipSpace(at), close);
		const call = callWith(name, members);
		return typeof call === 'string' ? call : { calls: [call], end: closed ?? at };
	};
}

export const argKeys: readonly CallSyntax[] = [
	{
		id: 'glm-arg-keys',
		label: 'GLM 4.5 to 5, Ling 3, Laguna',
		openers: ['<tool_call>'],
		markers: ['<tool_call>', '</tool_call>', '<arg_key>', '</arg_key>', '<arg_value>', '</arg_value>'],
		read: readArgKeys('')
	},
	{
		id: 'hunyuan3-arg-keys',
		label: 'Hunyuan 3',
		openers: ['<tool_call:opensource>'],
		markers: ['tool_calls', 'tool_call', 'tool_sep', 'arg_key', 'arg_value'].flatMap((name) => [
			`<${name}:opensource>`,
			`</${name}:opensource>`
		]),
		read: readArgKeys(':opensource')
	}
];
