import { skipSpace } from '../../base/json-read.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { ToolSpec } from '../tool.ts';

/** A reply and the tools that it may call. */
export class ReplyText {
	readonly text: string;
	/** Where reading stops; what follows is not looked at. */
	readonly end: number;
	/** Any name may be a tool's. */
	readonly takesAnyName: boolean;
	readonly #tools: ReadonlyMap<string, ToolSpec>;
	readonly #found: Map<string, { from: number; at: number }>;

	constructor(text: string, tools: readonly ToolSpec[] | undefined) {
		this.text = text;
		this.end = text.length;
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

	isEnd(at: number): boolean {
		return this.skipSpace(at) >= this.end;
	}

	isTool(name: string): boolean {
		return this.#tools.has(name);
	}

	/** A tool's name, or any name if tools are not known. */
	mayBeTool(name: string): boolean {
		return this.takesAnyName || this.isTool(name);
	}

	/** The schema of a tool's parameter; `undefined` if there is no such tool, or no such parameter. */
	schemaOf(tool: string, parameter: string): Json | undefined {
		const { parameters } = this.#tools.get(tool) ?? {};
		const properties = parameters && memberOf(parameters, 'properties');
		return isJsonObject(properties) ? memberOf(properties, parameter) : undefined;
	}
}

function memberOf(object: JsonObject, name: string): Json | undefined {
	return Object.hasOwn(object, name) ? object[name] : undefined;
}
