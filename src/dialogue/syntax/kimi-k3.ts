import { expectedAt } from '../call-arguments.ts';
import type { CallSyntax } from './syntax.ts';
import { argumentsAt } from './tagged-json.ts';
import { callWith, typedJson } from './typed-value.ts';

const separator = '<|sep|>';
const call = '<|open|>call ';
const argument = '<|open|>argument ';
const close = (name: string) => `<|close|>${name}${separator}`;

/** `<|open|>call tool="name"<|sep|>`, then each argument with its type. */
export const kimiK3: CallSyntax = {
	id: 'kimi-k3',
	label: 'Kimi K3',
	openers: [call],
	markers: ['<|open|>', '<|close|>', separator],
	read(reply, from) {
		const { text } = reply;
		const head = /^[^<>]*?tool="([^"]*)"[^<>]*<\|sep\|>/.exec(text.slice(from, from + 300));
		if (!head) return expectedAt(text, from, 'tool="…"');
		const name = head[1]!;
		const members: [string, string][] = [];
		let at = from + head[0].length;
		const json = reply.after(['<|open|>json type="object"<|sep|>'], at);
		if (json !== undefined) {
			const found = argumentsAt(reply, json, { name });
			if (typeof found === 'string') return found;
			const end = reply.after([close('json')], found.end) ?? found.end;
			return { calls: [found.call], end: reply.after([close('call')], end) ?? end };
		}
		for (let start = reply.after([argument], at); start !== undefined; start = reply.after([argument], at)) {
			const attributes = /^[^<>]*?key="([^"]*)"([^<>]*)<\|sep\|>/.exec(text.slice(start, start + 300));
			if (!attributes) return expectedAt(text, start, 'key="…"');
			const valueStart = start + attributes[0].length;
			const end = reply.find(close('argument'), valueStart);
			if (end < 0) return expectedAt(text, reply.end, close('argument'));
			const type = /type="(\w+)"/.exec(attributes[2]!)?.[1];
			const schema = type === undefined ? reply.schemaOf(name, attributes[1]!) : { type };
			members.push([attributes[1]!, typedJson(text.slice(valueStart, end), schema)]);
			at = end + close('argument').length;
		}
		const closed = reply.after([close('call')], at);
		if (closed === undefined) return expectedAt(text, reply.skipSpace(at), close('call'));
		const made = callWith(name, members);
		return typeof made === 'string' ? made : { calls: [made], end: closed };
	}
};
