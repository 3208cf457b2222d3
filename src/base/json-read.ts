import { JsonText, type Json, type JsonSource } from './json.ts';

/** Arrays and objects inside each other that `readJson` takes at the most: far more than any call needs. */
export const maxJsonDepth = 100;

/** As many as `parseJson` takes: room for what calls hold and what is around it, far less than a stack holds. */
const maxTextDepth = 1000;

/** A text is not JSON, or holds what cannot be kept; the message says at which offset, and what would have been right there. */
export class JsonError extends Error {
	override readonly name = 'JsonError';
}

/** What was read and where it ended, or where it stopped being JSON and what would have been JSON there. */
export type JsonReading =
	| {
			readonly ok: true;
			readonly value: Json;
			readonly end: number;
			/** The value as `jsonText` would write it, but every number as it was written and members in their order. */
			readonly text: string;
			/** Of an object: such a text for each member. */
			readonly members: ReadonlyMap<string, string>;
	  }
	| { readonly ok: false; readonly at: number; readonly expected: string };

/**
 * Reads one JSON value that begins at `start`; what follows it does not matter. Forgives two things that models do: a comma after
 * the last member, and line breaks and other control characters as they are inside a string. Takes linear time and never throws.
 *
 * Every number that is read is the number that was written, to the nearest that a float64 holds for those with a fraction: whole
 * numbers beyond 2^53 become a `bigint`, and what would become infinite, 0 or another whole number is refused.
 */
export function readJson(text: string, start: number): JsonReading {
	const reader = new Reader(text, start, { depth: maxJsonDepth, isStrict: false });
	try {
		const value = reader.value(0) as Json;
		return { ok: true, value, end: reader.at, text: reader.written, members: reader.members };
	} catch (fault) {
		if (fault instanceof Fault) return { ok: false, at: fault.at, expected: fault.expected };
		throw fault;
	}
}

/**
 * The value of a whole text, like `JSON.parse`; numbers as `readJson` reads them.
 * @throws {JsonError}
 */
export function parseJson(text: string): Json {
	return parse(text, false) as Json;
}

/**
 * As `parseJson`, but a number that the writers here would write otherwise (`2.0`, `1e3`) stays as it was written.
 * @throws {JsonError}
 */
export function parseJsonAsWritten(text: string): JsonSource {
	return parse(text, true);
}

function parse(text: string, isAsWritten: boolean): JsonSource {
	let value: JsonSource | undefined;
	try {
		value = JSON.parse(text) as Json;
	} catch {
		// The reader below says better where and why.
	}
	const isUnusual = unusualNumber.test(text) || (isAsWritten && longNumber.test(text));
	// The engine's own reader is many times faster, and right where nothing is deep and no number is unusual.
	if (value !== undefined && !isUnusual && !isDeep(text)) return value;
	const options = { depth: maxTextDepth, isStrict: true, isAsWritten };
	const reader = new Reader(text, skipSpace(text, 0), options);
	try {
		value = reader.value(0);
		const end = skipSpace(text, reader.at);
		if (end < text.length) throw new Fault(end, 'the end');
		return value;
	} catch (fault) {
		if (!(fault instanceof Fault)) throw fault;
		const there = fault.at < text.length ? JSON.stringify(text.slice(fault.at, fault.at + 12)) : 'the end';
		throw new JsonError(`expected ${fault.expected} at offset ${fault.at}, found ${there}`);
	}
}

/** Perhaps one of many digits, with an exponent or -0; a string that looks like one only costs time. */
const unusualNumber = /\d{16}|\d[\d.]{16}|(?:^|[\s:,[])(?:-0|-?\d[\d.]*[eE])/;

/** Perhaps one that could be written shorter. */
const longNumber = /\.\d*0(?!\d)|0\.000000/;

function isDeep(text: string): boolean {
	let depth = 0;
	for (let at = 0; at < text.length; at++) {
		switch (text.charCodeAt(at)) {
			case 0x22:
				at = text.indexOf('"', at + 1);
				while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
				break;
			case 0x5b:
			case 0x7b:
				if (++depth > maxTextDepth) return true;
				break;
			case 0x5d:
			case 0x7d:
				depth--;
		}
	}
	return false;
}

function isEscaped(text: string, at: number): boolean {
	let backslashes = 0;
	while (text[at - 1 - backslashes] === '\\') backslashes++;
	return backslashes % 2 === 1;
}

/** The offset of the first character at or after `at` that is not JSON white space. */
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
	readonly #maxDepth: number;
	/** Nothing is forgiven; a name that is there twice counts as it last stood, as with `JSON.parse`. */
	readonly #isStrict: boolean;
	readonly #isAsWritten: boolean;
	readonly members = new Map<string, string>();
	at: number;
	written = '';

	constructor(
		text: string,
		at: number,
		options: { readonly depth: number; readonly isStrict: boolean; readonly isAsWritten?: boolean }
	) {
		this.#text = text;
		this.at = at;
		this.#maxDepth = options.depth;
		this.#isStrict = options.isStrict;
		this.#isAsWritten = options.isAsWritten ?? false;
	}

	value(depth: number): JsonSource {
		if (depth > this.#maxDepth) throw new Fault(this.at, `at most ${this.#maxDepth} levels of nesting`);
		switch (this.#text[this.at]) {
			case '{':
				return this.#object(depth);
			case '[':
				return this.#list('[', ']', 'a value', () => this.value(depth + 1));
			case '"':
				return this.#string();
			default:
				return this.#word();
		}
	}

	#object(depth: number): JsonSource {
		const keys = new Set<string>();
		const members = this.#list('{', '}', 'a member in double quotes', () => {
			const start = this.at;
			const member = this.#member(depth);
			if (keys.has(member[0]) && !this.#isStrict)
				throw new Fault(start, 'a name that this object does not have yet');
			keys.add(member[0]);
			return member;
		});
		// Unlike an assignment, this makes `__proto__` a member like any other.
		return Object.fromEntries(members);
	}

	#list<T>(open: '[' | '{', close: ']' | '}', what: string, item: () => T): T[] {
		const items: T[] = [];
		this.at++;
		this.written += open;
		for (;;) {
			this.at = skipSpace(this.#text, this.at);
			if (this.#text[this.at] === close && !(this.#isStrict && items.length > 0)) break;
			if (close === '}' && this.#text[this.at] !== '"') throw new Fault(this.at, `${what} or "${close}"`);
			if (items.length > 0) this.written += ', ';
			items.push(item());
			this.at = skipSpace(this.#text, this.at);
			if (this.#text[this.at] === ',') this.at++;
			else if (this.#text[this.at] === close) break;
			else throw new Fault(this.at, `"," or "${close}"`);
		}
		this.at++;
		this.written += close;
		return items;
	}

	#member(depth: number): [string, JsonSource] {
		const key = this.#string();
		this.at = skipSpace(this.#text, this.at);
		if (this.#text[this.at] !== ':') throw new Fault(this.at, '":"');
		this.at = skipSpace(this.#text, this.at + 1);
		this.written += ': ';
		const from = this.written.length;
		const value = this.value(depth + 1);
		if (depth === 0) this.members.set(key, this.written.slice(from));
		return [key, value];
	}

	#string(): string {
		const text = this.#text;
		const start = this.at;
		// By hand: a regular expression would need stack for every character.
		for (let at = start + 1; at < text.length; at++) {
			const code = text.charCodeAt(at);
			if (code === 0x22) {
				this.at = at + 1;
				const string = JSON.parse(text.slice(start, this.at).replace(controls, escapeControl)) as string;
				this.written += JSON.stringify(string);
				return string;
			}
			if (this.#isStrict && code < 0x20) throw new Fault(at, 'an escape: this is a control character');
			if (code !== 0x5c) continue;
			escape.lastIndex = at;
			if (!escape.test(text)) throw new Fault(at, 'an escape such as \\n, \\" or \\u00e9');
			at = escape.lastIndex - 1;
		}
		throw new Fault(text.length, 'the end of a string');
	}

	#word(): JsonSource {
		word.lastIndex = this.at;
		const found = word.exec(this.#text)?.[0];
		if (found === undefined) throw new Fault(this.at, 'a JSON value');
		const value = /\d/.test(found) ? numberOf(found, this.at) : (JSON.parse(found) as boolean | null);
		this.at += found.length;
		this.written += found;
		return this.#isAsWritten && String(value) !== found ? new JsonText(found) : value;
	}
}

const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const word = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f]/g;

function escapeControl(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The number that a JSON number means. */
function numberOf(written: string, at: number): number | bigint {
	const value = Number(written);
	if (!Number.isFinite(value)) throw new Fault(at, 'a number below 1.8e308');
	const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(
		written
	)!;
	const digits = (whole! + fraction).replace(/0+$/, '');
	if (/^0*$/.test(digits)) return 0;
	if (value === 0) throw new Fault(at, 'a number further from 0 (5e-324 is the smallest)');
	if (!Number.isInteger(value)) return value;
	// digits × 10^shift
	const shift = Number(exponent) + whole!.length - digits.length;
	if (shift < 0) throw new Fault(at, 'a number with fewer digits: it would become another one');
	if (Number.isSafeInteger(value)) return value;
	return BigInt(`${sign}${digits}`) * 10n ** BigInt(shift);
}
