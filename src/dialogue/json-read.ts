import type { Json } from '../base/json.ts';

/** Arrays and objects inside each other at the most. Far more than any call needs, far less than a stack holds. */
export const maxJsonDepth = 100;

/** What was read and where it ended, or where it stopped being JSON and what would have been JSON there. */
export type JsonReading =
	| { readonly ok: true; readonly value: Json; readonly end: number }
	| { readonly ok: false; readonly at: number; readonly expected: string };

/**
 * Reads one JSON value that begins at `start`; what follows it does not matter. Forgives two things that models do: a comma after
 * the last member, and line breaks and other control characters as they are inside a string. Takes linear time and never throws.
 */
export function readJson(text: string, start: number): JsonReading {
	const reader = new Reader(text, start);
	try {
		const value = reader.value(0);
		return { ok: true, value, end: reader.at };
	} catch (fault) {
		if (fault instanceof Fault) return { ok: false, at: fault.at, expected: fault.expected };
		throw fault;
	}
}

/** The offset of the first character at or after `at` that is no JSON white space. */
export function skipSpace(text: string, at: number): number {
	while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
	return at;
}

class Fault {
	readonly at: number;
	readonly expected: string;

	constructor(at: number, expected: string) {
		this.at = at;
		this.expected = expected;
	}
}

class Reader {
	readonly #text: string;
	at: number;

	constructor(text: string, at: number) {
		this.#text = text;
		this.at = at;
	}

	value(depth: number): Json {
		if (depth > maxJsonDepth) throw new Fault(this.at, `at most ${maxJsonDepth} levels of nesting`);
		switch (this.#text[this.at]) {
			case '{':
				// Unlike an assignment, this makes `__proto__` a member like any other.
				return Object.fromEntries(this.#list('}', 'a member in double quotes', () => this.#member(depth)));
			case '[':
				return this.#list(']', 'a value', () => this.value(depth + 1));
			case '"':
				return this.#string();
			default:
				return this.#word();
		}
	}

	#list<T>(close: '}' | ']', what: string, item: () => T): T[] {
		const items: T[] = [];
		this.at++;
		for (;;) {
			this.at = skipSpace(this.#text, this.at);
			if (this.#text[this.at] === close) break;
			if (close === '}' && this.#text[this.at] !== '"') throw new Fault(this.at, `${what} or "${close}"`);
			items.push(item());
			this.at = skipSpace(this.#text, this.at);
			if (this.#text[this.at] === ',') this.at++;
			else if (this.#text[this.at] !== close) throw new Fault(this.at, `"," or "${close}"`);
		}
		this.at++;
		return items;
	}

	#member(depth: number): [string, Json] {
		const key = this.#string();
		this.at = skipSpace(this.#text, this.at);
		if (this.#text[this.at] !== ':') throw new Fault(this.at, '":"');
		this.at = skipSpace(this.#text, this.at + 1);
		return [key, this.value(depth + 1)];
	}

	#string(): string {
		const text = this.#text;
		const start = this.at;
		// By hand: a regular expression would need stack for every character.
		for (let at = start + 1; at < text.length; at++) {
			if (text[at] === '"') {
				this.at = at + 1;
				return JSON.parse(text.slice(start, this.at).replace(controls, escapeControl)) as string;
			}
			if (text[at] !== '\\') continue;
			escape.lastIndex = at;
			if (!escape.test(text)) throw new Fault(at, 'an escape such as \\n, \\" or \\u00e9');
			at = escape.lastIndex - 1;
		}
		throw new Fault(text.length, 'the end of a string');
	}

	#word(): Json {
		word.lastIndex = this.at;
		const found = word.exec(this.#text)?.[0];
		if (found === undefined) throw new Fault(this.at, 'a JSON value');
		const value = JSON.parse(found) as Json;
		if (value === Infinity || value === -Infinity) throw new Fault(this.at, 'a number below 1.8e308');
		this.at += found.length;
		return value;
	}
}

const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const word = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f]/g;

function escapeControl(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
