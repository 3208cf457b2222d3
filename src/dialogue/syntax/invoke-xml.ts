import { expectedAt } from '../call-arguments.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, Reading } from './syntax.ts';
import { callWith, typedJson } from './typed-value.ts';

/** The tags of one model: `<invoke name="…"><parameter name="…">value</parameter></invoke>`. */
interface Tags {
	readonly invoke: string;
	readonly parameter: string;
	/** Before each tag's name: DeepSeek's mark. */
	readonly mark?: string;
	/** Others write such tags, too, so only the name of a tool makes a call of them. */
	readonly isCommon?: true;
}

function readInvoke({ invoke, parameter, mark = '', isCommon }: Tags) {
	const parameterOpen = `<${mark}${parameter}`;
	const parameterClose = `</${mark}${parameter}>`;
	const close = `</${mark}${invoke}>`;
	return (reply: ReplyText, from: number): Reading => {
		const { text } = reply;
		const head = /^([^"'<>\n]*)["']\s*>/.exec(text.slice(from, from + 200));
		const name = head?.[1] ?? '';
		if (!head || (isCommon && !reply.mayBeTool(name))) return undefined;
		const members: [string, string][] = [];
		let at = from + head[0].length;
		for (;;) {
			const start = reply.skipSpace(at);
			if (!reply.has(parameterOpen, start)) break;
			const attributes = start + parameterOpen.length;
			const key = /^\s+name=["']([^"'\n]*)["']([^<>\n]*)>/.exec(text.slice(attributes, attributes + 300));
			if (!key) return expectedAt(text, attributes, 'name="…">');
			const valueStart = attributes + key[0].length;
			const isLiteral = reply.has(literal.open, valueStart);
			const literalEnd = isLiteral ? reply.find(literal.close, valueStart) : valueStart;
			const end = literalEnd < 0 ? -1 : reply.find(parameterClose, literalEnd);
			if (end < 0) return expectedAt(text, reply.end, parameterClose);
			members.push([
				key[1]!,
				valueOf(reply, { name, key: key[1]!, more: key[2]! }, text.slice(valueStart, end))
			]);
			at = end + parameterClose.length;
		}
		const closed = reply.closed([close], at);
		if (closed === undefined) return expectedAt(text, reply.skipSpace(at), close);
		const call = callWith(name, members);
		return typeof call === 'string' ? call : { calls: [call], end: closed };
	};
}

/** DeepSeek says of each value whether it is a text; else the schema does. */
function valueOf(
	reply: ReplyText,
	{ name, key, more }: { readonly name: string; readonly key: string; readonly more: string },
	written: string
): string {
	if (/string="true"/.test(more)) return JSON.stringify(written);
	if (/string="false"/.test(more)) return typedJson(written, { type: 'object' });
	const isLiteral = written.startsWith(literal.open) && written.trimEnd().endsWith(literal.close);
	const value = isLiteral
		? written.trimEnd().slice(literal.open.length, -literal.close.length)
		: written.replace(/^\r?\n/, '').replace(/\r?\n$/, '');
	return typedJson(value, reply.schemaOf(name, key));
}

/** What keeps a text from being read as XML. */
const literal = { open: '<![CDATA[', close: ']]>' } as const;

const dsml = '｜DSML｜';

export const invokeXml: readonly CallSyntax[] = [
	{
		id: 'minimax-m2-xml',
		label: 'MiniMax M2',
		openers: ['<invoke name="', "<invoke name='"],
		markers: ['<minimax:tool_call>', '</minimax:tool_call>'],
		read: readInvoke({ invoke: 'invoke', parameter: 'parameter' })
	},
	{
		id: 'dsml',
		label: 'DeepSeek V3.2, V4',
		openers: [`<${dsml}invoke name="`],
		markers: [dsml],
		read: readInvoke({ invoke: 'invoke', parameter: 'parameter', mark: dsml })
	},
	{
		id: 'muse-xml',
		label: 'Muse',
		openers: ['<atem:invoke name="'],
		markers: ['<atem:function_calls>', '</atem:function_calls>'],
		read: readInvoke({ invoke: 'atem:invoke', parameter: 'atem:parameter' })
	},
	{
		id: 'minicpm5-xml',
		label: 'MiniCPM 5',
		openers: ['<function name="'],
		markers: [],
		read: readInvoke({ invoke: 'function', parameter: 'param', isCommon: true })
	}
];
