import { maxJsonDepth, skipSpace } from '../../base/json-read.ts';

/** A Python literal as JSON text, and where it ended; or where it stopped being one. */
export type PythonReading =
	| { readonly ok: true; readonly json: string; readonly end: number }
	| { readonly ok: false; readonly at: number; readonly expected: string };

/** A call in Python, its arguments as JSON text by name. */
export type PythonCall =
	| {
			readonly ok: true;
			readonly name: string;
			readonly members: readonly (readonly [key: string, json: string])[];
			readonly end: number;
	  }
	| { readonly ok: false; readonly at: number; readonly expected: string };

/** What a function may be called in Python, dots and the dashes of tools' names included. */
export const pythonName = /[A-Za-z_][\w.-]*/y;

/**
 * Reads one literal of Python, or of JSON: strings in either quotes, numbers, True, None, lists, tuples and dictionaries. Numbers keep
 * their digits. Takes linear time, never throws, and is bounded in depth.
 */
export function pythonValue(text: string, start: number): PythonReading {
	return attempt(text, start, (reader) => ({ ok: true, json: reader.value(0), end: reader.at }));
}

/** Reads `name(key=value, …)`. */
export function pythonCall(text: string, start: number): PythonCall {
	return attempt(text, start, (reader) => {
		const { name, members } = reader.call();
		return { ok: true, name, members, end: reader.at };
	});
}

function attempt<Sound>(text: string, start: number, read: (reader: Reader) => Sound) {
	try {
		return read(new Reader(text, start));
	} catch (fault) {
		if (fault instanceof Fault) return { ok: false, at: fault.at, expected: fault.expected } as const;
		throw fault;
	}
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

	constructor(text: string, start: number) {
		this.#text = text;
		this.at = start;
		this.#space();
	}

	call() {
		const name = this.#match(pythonName, 'the name of a function');
		this.#space();
		if (this.#text[this.at] !== '(') throw new Fault(this.at, '"("');
		const members = this.#items(')', () => {
			const key = this.#match(/[A-Za-z_]\w*/y, 'the name of an argument');
			this.#space();
			if (this.#text[this.at] !== '=') throw new Fault(this.at, '"="');
			this.at++;
			this.#space();
			return [key, this.value(0)] as const;
		});
		return { name, members };
	}

	value(depth: number): string {
		if (depth > maxJsonDepth) throw new Fault(this.at, `at most ${maxJsonDepth} levels of nesting`);
		switch (this.#text[this.at]) {
			case '[':
				return `[${this.#items(']', () => this.value(depth + 1)).join(', ')}]`;
			case '(':
				return `[${this.#items(')', () => this.value(depth + 1)).join(', ')}]`;
			case '{':
				return `{${this.#items('}', () => this.#member(depth)).join(', ')}}`;
			case '"':
			case "'":
				return JSON.stringify(this.#strings());
			default:
				return this.#word();
		}
	}

	#member(depth: number): string {
		const isQuoted = /["']/.test(this.#text[this.at] ?? '');
		// JavaScript needs no quotes here.
		const key = JSON.stringify(isQuoted ? this.#strings() : this.#match(/[A-Za-z_$][\w$]*/y, 'a key'));
		this.#space();
		if (this.#text[this.at] !== ':') throw new Fault(this.at, '":"');
		this.at++;
		this.#space();
		return `${key}: ${this.value(depth + 1)}`;
	}

	/** What stands between a bracket and `close`; a comma after the last one is allowed. */
	#items<Item>(close: string, item: () => Item): Item[] {
		const items: Item[] = [];
		this.at++;
		for (;;) {
			this.#space();
			if (this.#text[this.at] === close) break;
			items.push(item());
			this.#space();
			if (this.#text[this.at] === ',') this.at++;
			else if (this.#text[this.at] !== close) throw new Fault(this.at, `"," or "${close}"`);
		}
		this.at++;
		return items;
	}

	/** Strings beside each other are one in Python. */
	#strings(): string {
		let whole = '';
		while (/["']/.test(this.#text[this.at] ?? '')) {
			whole += this.#string();
			this.#space();
		}
		return whole;
	}

	#string(): string {
		const text = this.#text;
		const mark = text[this.at]!;
		const quote = text.startsWith(mark.repeat(3), this.at) ? mark.repeat(3) : mark;
		const parts: string[] = [];
		let from = this.at + quote.length;
		for (let at = from; at < text.length; at++) {
			if (text[at] === '\\') {
				escape.lastIndex = at;
				const found = escape.exec(text);
				if (!found) throw new Fault(at, 'an escape');
				parts.push(text.slice(from, at), unescaped(found));
				from = escape.lastIndex;
				at = from - 1;
			} else if (text.startsWith(quote, at)) {
				parts.push(text.slice(from, at));
				this.at = at + quote.length;
				return parts.join('');
			}
		}
		throw new Fault(text.length, 'the end of a string');
	}

	#word(): string {
		const word = this.#match(/[-+.\w]+/y, 'a value');
		const start = this.at - word.length;
		const known = Object.hasOwn(words, word) ? words[word as keyof typeof words] : undefined;
		if (known !== undefined) return known;
		const [, sign, whole, fraction, exponent = ''] =
			/^([-+]?)(\d[\d_]*|(?=\.))(?:\.(\d*))?([eE][-+]?\d+)?$/.exec(word) ?? [];
		if (whole === undefined || (whole === '' && !fraction)) throw new Fault(start, 'a value');
		const digits = whole.replaceAll('_', '').replace(/^0+(?=\d)/, '') || '0';
		return `${sign === '-' ? '-' : ''}${digits}${fraction === undefined ? '' : `.${fraction || '0'}`}${exponent}`;
	}

	#match(pattern: RegExp, what: string): string {
		pattern.lastIndex = this.at;
		const found = pattern.exec(this.#text)?.[0];
		if (found === undefined) throw new Fault(this.at, what);
		this.at += found.length;
		return found;
	}

	#space(): void {
		this.at = skipSpace(this.#text, this.at);
	}
}

const words = { True: 'true', False: 'false', None: 'null', true: 'true', false: 'false', null: 'null' };

const escape =
	/\\(?:([\\'"nrtbfav0/])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r?\n)|([^xuU]))/y;

const simple: Readonly<Record<string, string>> = {
	n: '\n',
	r: '\r',
	t: '\t',
	b: '\b',
	f: '\f',
	a: '\u0007',
	v: '\v',
	'0': '\0'
};

/** An unknown escape stays as it is, as in Python. */
function unescaped([whole, one, byte, four, eight, line]: RegExpExecArray): string {
	if (one !== undefined) return simple[one] ?? one;
	if (line !== undefined) return '';
	const code = Number.parseInt(byte ?? four ?? eight ?? '', 16);
	return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
}
