import { maxJsonDepth } from '../../base/json-read.ts';
import { expectedAt } from '../call-arguments.ts';
import type { ReplyText } from './reply-text.ts';
import type { CallSyntax, Reading } from './syntax.ts';
import { callWith, typedJson } from './typed-value.ts';

/** `call:name{key:value,…}`: keys without quotes, strings in marks of the model's own. */
function readGemma(quote: string, close: string) {
	return (reply: ReplyText, from: number): Reading => {
		const { text } = reply;
		const start = reply.skipSpace(from);
		const head = /^call:([\w.-]+)(?=\s*\{)/.exec(text.slice(start, start + 200));
		if (!head) return reply.has('call:', start) ? expectedAt(text, start, 'call:name{') : undefined;
		const name = head[1]!;
		const values = new GemmaReader(reply, reply.skipSpace(start + head[0].length), quote, name);
		let members: [string, string][];
		try {
			members = values.members(0);
		} catch (fault) {
			if (typeof fault === 'string') return fault;
			throw fault;
		}
		const closed = reply.after([close], values.at);
		if (closed === undefined && !reply.isEnd(values.at))
			return expectedAt(text, reply.skipSpace(values.at), close);
		const call = callWith(name, members);
		return typeof call === 'string' ? call : { calls: [call], end: closed ?? values.at };
	};
}

/** Throws texts that say what was expected where. */
class GemmaReader {
	readonly #reply: ReplyText;
	readonly #quote: string;
	readonly #tool: string;
	at: number;

	constructor(reply: ReplyText, start: number, quote: string, tool: string) {
		this.#reply = reply;
		this.#quote = quote;
		this.#tool = tool;
		this.at = start;
	}

	/** Of the map whose `{` is here: keys, and values as JSON text. */
	members(depth: number): [string, string][] {
		return this.#items('}', () => {
			const key = this.#key();
			if (this.#reply.text[this.at] !== ':') this.#fail('":"');
			this.at++;
			return [key, this.#value(depth + 1, depth === 0 ? key : undefined)];
		});
	}

	#key(): string {
		const { text } = this.#reply;
		if (this.#isQuoted()) return this.#quoted();
		const key = /^[^:{}[\],\s]+/.exec(text.slice(this.at, this.at + 200))?.[0];
		if (key === undefined) this.#fail('a key');
		this.at += key!.length;
		this.at = this.#reply.skipSpace(this.at);
		return key!.replace(/^(["'])(.*)\1$/, '$2');
	}

	#value(depth: number, parameter: string | undefined): string {
		const { text } = this.#reply;
		if (depth > maxJsonDepth) this.#fail(`at most ${maxJsonDepth} levels of nesting`);
		this.at = this.#reply.skipSpace(this.at);
		if (this.#isQuoted()) return JSON.stringify(this.#quoted());
		if (text[this.at] === '{')
			return `{${this.members(depth)
				.map(([key, json]) => `${JSON.stringify(key)}: ${json}`)
				.join(', ')}}`;
		if (text[this.at] === '[')
			return `[${this.#items(']', () => this.#value(depth + 1, undefined)).join(', ')}]`;
		const word = /[^,}\]\n]*/y;
		word.lastIndex = this.at;
		const written = word.exec(text)![0].trim();
		if (written === '') this.#fail('a value');
		this.at = word.lastIndex;
		const schema = parameter === undefined ? undefined : this.#reply.schemaOf(this.#tool, parameter);
		return typedJson(written, schema);
	}

	#items<Item>(close: string, item: () => Item): Item[] {
		const { text } = this.#reply;
		const items: Item[] = [];
		this.at++;
		for (;;) {
			this.at = this.#reply.skipSpace(this.at);
			if (text[this.at] === close) break;
			items.push(item());
			this.at = this.#reply.skipSpace(this.at);
			if (text[this.at] === ',') this.at++;
			else if (text[this.at] !== close) this.#fail(`"," or "${close}"`);
		}
		this.at++;
		return items;
	}

	#isQuoted(): boolean {
		return this.#reply.has(this.#quote, this.at) || this.#reply.has('"', this.at);
	}

	#quoted(): string {
		const quote = this.#reply.has(this.#quote, this.at) ? this.#quote : '"';
		const start = this.at + quote.length;
		const end = this.#reply.find(quote, start);
		if (end < 0) this.#fail(`the end of a string, ${quote}`);
		this.at = this.#reply.skipSpace(end + quote.length);
		return this.#reply.text.slice(start, end);
	}

	#fail(expected: string): never {
		throw expectedAt(this.#reply.text, this.at, expected);
	}
}

export const gemma: readonly CallSyntax[] = [
	{
		id: 'gemma4',
		label: 'Gemma 4',
		openers: ['<|tool_call>'],
		markers: ['<|tool_call>', '<tool_call|>', '<|"|>'],
		read: readGemma('<|"|>', '<tool_call|>')
	},
	{
		id: 'functiongemma',
		label: 'FunctionGemma',
		openers: ['<start_function_call>'],
		markers: ['<start_function_call>', '<end_function_call>', '<escape>'],
		read: readGemma('<escape>', '<end_function_call>')
	}
];
