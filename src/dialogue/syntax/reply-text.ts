import { skipSpace } from '../../base/json-read.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { ToolSpec } from '../tool.ts';
import { messageEnd } from './thoughts.ts';

/** Closing tags that are in the wrong place, the last one perhaps cut off. */
const strayCloser = /^<\/(?:(?:tool|function)(?:_?\w*)|invoke|arg_value|parameter)(?:>|(?=\s*$))/;

/** What stands before a tool's name where it is one of several kinds of names. */
const namespaces = /^(?:functions|default_api)\./;

/** A reply and the tools that it may call. */
export class ReplyText {
	readonly text: string;
	/** Where reading stops: what ends the message is not looked at. */
	readonly end: number;
	/** Any name may be a tool's. */
	readonly takesAnyName: boolean;
	readonly #tools: ReadonlyMap<string, ToolSpec>;
	readonly #found: Map<string, { from: number; at: number }>;

	constructor(text: string, tools: readonly ToolSpec[] | undefined) {
		this.text = text;
		const tail = Math.max(0, text.length - 200);
		const found = messageEnd.exec(text.slice(tail));
		this.end = found ? tail + found.index : text.length;
		this.takesAnyName = tools === undefined;
		this.#tools = new Map((tools ?? []).map((tool) => [tool.name, tool]));
		this.#found = new Map();
	}

	/**
	 * The offset of `wanted` at or after `from`, before `end`; -1 if there is none. Offsets that only grow cost one look at each
	 * character, however many questions there are.
	 */
	find(wanted: string, from: number): number {
		let known = this.#found.get(wanted);
		if (!known || from < known.from || (known.at >= 0 && known.at < from)) {
			known = { from, at: this.text.indexOf(wanted, from) };
			this.#found.set(wanted, known);
		}
		return known.at;
	}

	/** The first of several texts at or after `from`, or the end. */
	findAny(wanted: readonly string[], from: number): number {
		const found = wanted.map((one) => this.find(one, from)).filter((at) => at >= 0);
		return Math.min(this.end, ...found);
	}

	skipSpace(at: number): number {
		return skipSpace(this.text, at);
	}

	has(wanted: string, at: number): boolean {
		return this.text.startsWith(wanted, at);
	}

	/** The end of the first of `wanted` that stands at `at`, white space before it aside. */
	after(wanted: readonly string[], at: number): number | undefined {
		const start = this.skipSpace(at);
		const found = wanted.find((one) => this.has(one, start));
		return found === undefined ? undefined : start + found.length;
	}

	/**
	 * The end of the tags that close calls at `at`, however many there are. Models close a call with a tag of another syntax now and then, or twice.
	 * @param closers the right ones, an opener among them where it begins the next call @returns `undefined` if there is none
	 */
	closed(closers: readonly string[], at: number): number | undefined {
		let end: number | undefined;
		for (;;) {
			const from = end ?? at;
			const found = this.after(closers, from) ?? this.#strayCloser(from);
			if (found === undefined) return end;
			end = found;
		}
	}

	#strayCloser(at: number): number | undefined {
		const start = this.skipSpace(at);
		const found = strayCloser.exec(this.text.slice(start, start + 40))?.[0];
		return found === undefined || start >= this.end ? undefined : start + found.length;
	}

	isEnd(at: number): boolean {
		return this.skipSpace(at) >= this.end;
	}

	get hasTools(): boolean {
		return this.#tools.size > 0;
	}

	isTool(name: string): boolean {
		return this.#tools.has(name);
	}

	/** The tool that a name means. */
	toolNamed(name: string): string {
		const bare = name.replace(namespaces, '');
		return this.isTool(bare) && !this.isTool(name) ? bare : name;
	}

	/** A tool's name, or any name if tools are not known. */
	mayBeTool(name: string): boolean {
		return this.takesAnyName || this.isTool(this.toolNamed(name));
	}

	/** The schema of a tool's parameter; `undefined` if there is no such tool, or no such parameter. */
	schemaOf(tool: string, parameter: string): Json | undefined {
		const { parameters } = this.#tools.get(this.toolNamed(tool)) ?? {};
		const properties = parameters && memberOf(parameters, 'properties');
		return isJsonObject(properties) ? memberOf(properties, parameter) : undefined;
	}
}

function memberOf(object: JsonObject, name: string): Json | undefined {
	return Object.hasOwn(object, name) ? object[name] : undefined;
}
