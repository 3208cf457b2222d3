import {
	callable,
	equal,
	isDict,
	isList,
	isNone,
	isText,
	isTuple,
	isWhole,
	items,
	keyValue,
	list,
	named,
	none,
	str,
	text,
	truth,
	tuple,
	typeName,
	whole,
	type Named,
	type Members,
	type Value
} from './jinja-values.ts';

/**
 * The methods of text, lists and objects, as Python has them. Those that would change a value are left out: transformers renders in a
 * sandbox that refuses them.
 */
export function method(value: Value, name: string): Value | undefined {
	if (isText(value)) {
		const found = textMethods.get(name);
		return found && callable((args) => found(value.value, args));
	}
	if (isList(value)) {
		const found = listMethods.get(name);
		return found && callable((args) => found(value.value, args));
	}
	if (isDict(value)) {
		const found = dictMethods.get(name);
		return found && callable((args) => found(value.value, args));
	}
	return undefined;
}

type Method<Self> = (self: Self, args: readonly Value[]) => Value;

const dictMethods = new Map<string, Method<Members>>([
	['items', (self) => list([...self].map(([key, value]) => tuple([keyValue(key), value])))],
	['keys', (self) => list([...self.keys()].map(keyValue))],
	['values', (self) => list([...self.values()])],
	[
		'get',
		(self, args) => {
			const { key, fallback = none } = named(args, 'key', 'fallback');
			const found = key && (isText(key) || isWhole(key)) ? self.get(key.value) : undefined;
			return found ?? fallback;
		}
	]
]);

const listMethods = new Map<string, Method<readonly Value[]>>([
	['count', (self, [wanted]) => whole(self.filter((member) => equal(member, wanted!)).length)],
	[
		'index',
		(self, [wanted]) => {
			const index = self.findIndex((member) => equal(member, wanted!));
			if (index < 0) throw new Error('the value is not in the list');
			return whole(index);
		}
	]
]);

/** @throws {Error} if it is not text */
function textOf(value: Value | undefined, what: string): string {
	if (value && isText(value)) return value.value;
	throw new Error(`${what} must be str, not ${value ? typeName(value) : 'nothing'}`);
}

/** A number that may be left out, or None. */
function numberOf(value: Value | undefined, fallback: number): number {
	if (value === undefined || isNone(value)) return fallback;
	if (isWhole(value)) return value.value;
	throw new Error(`expected a whole number, not ${typeName(value)}`);
}

/** Characters that are taken off; white space unless said otherwise. */
function stripped(self: string, [chars]: readonly Value[], sides: 'both' | 'left' | 'right'): string {
	const set = chars === undefined || isNone(chars) ? undefined : new Set(textOf(chars, 'strip arg'));
	const goes = (char: string) => (set ? set.has(char) : /\s/.test(char) && char !== '\ufeff');
	const characters = Array.from(self);
	let [start, end] = [0, characters.length];
	if (sides !== 'right') while (start < end && goes(characters[start]!)) start++;
	if (sides !== 'left') while (end > start && goes(characters[end - 1]!)) end--;
	return characters.slice(start, end).join('');
}

function split({ self, args, fromRight }: { self: string; args: Named; fromRight: boolean }): string[] {
	const most = numberOf(args['maxsplit'], -1);
	const { sep } = args;
	if (sep === undefined || isNone(sep)) {
		const words = stripped(self, [], 'both');
		if (words === '') return [];
		if (most < 0) return words.split(/\s+/);
		// What is left over keeps its white space.
		const rest: string[] = [];
		let left = words;
		const edge = fromRight ? /^(.*\S)\s+(\S+)$/s : /^(\S+)\s+(.*)$/s;
		for (let match = edge.exec(left); match && rest.length < most; match = edge.exec(left)) {
			rest.push(match[fromRight ? 2 : 1]!);
			left = match[fromRight ? 1 : 2]!;
		}
		rest.push(left);
		return fromRight ? rest.reverse() : rest;
	}
	const glue = textOf(sep, 'sep');
	if (glue === '') throw new Error('empty separator');
	const parts = self.split(glue);
	if (most < 0 || parts.length - 1 <= most) return parts;
	return fromRight
		? [parts.slice(0, parts.length - most).join(glue), ...parts.slice(parts.length - most)]
		: [...parts.slice(0, most), parts.slice(most).join(glue)];
}

/** `startswith` and `endswith` take one text or a tuple of them. */
function anyOf(value: Value | undefined, test: (part: string) => boolean): Value {
	const parts = value && isTuple(value) ? items(value) : [value];
	return truth(parts.some((part) => test(textOf(part, 'the argument'))));
}

export function replaced(self: string, args: readonly Value[]): string {
	const { old, new: by, count } = named(args, 'old', 'new', 'count');
	const [from, to, most] = [textOf(old, 'old'), textOf(by, 'new'), numberOf(count, -1)];
	if (most < 0) return self.split(from).join(to);
	const parts = self.split(from);
	return parts.reduce((before, part, index) => before + (index <= most ? to : from) + part);
}

/** Each word's first letter large, the others small; a word is a run of letters. */
export const titled = (self: string): string =>
	self.replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());

export const capitalized = (self: string): string => {
	const [first = '', ...rest] = Array.from(self);
	return first.toUpperCase() + rest.join('').toLowerCase();
};

/** Text of which all characters are so, and at least one. */
const all = (pattern: RegExp) => (self: string) => truth(pattern.test(self));

const plain = (change: (self: string) => string) => (self: string) => text(change(self));
const strip =
	(sides: 'both' | 'left' | 'right'): Method<string> =>
	(self, args) =>
		text(stripped(self, args, sides));

const textMethods = new Map<string, Method<string>>([
	['upper', plain((self) => self.toUpperCase())],
	['lower', plain((self) => self.toLowerCase())],
	['title', plain(titled)],
	['capitalize', plain(capitalized)],
	['strip', strip('both')],
	['lstrip', strip('left')],
	['rstrip', strip('right')],
	[
		'split',
		(self, args) => list(split({ self, args: named(args, 'sep', 'maxsplit'), fromRight: false }).map(text))
	],
	[
		'rsplit',
		(self, args) => list(split({ self, args: named(args, 'sep', 'maxsplit'), fromRight: true }).map(text))
	],
	[
		'splitlines',
		(self) => {
			const lines = self.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
			return list((lines.at(-1) === '' ? lines.slice(0, -1) : lines).map(text));
		}
	],
	['startswith', (self, [prefix]) => anyOf(prefix, (part) => self.startsWith(part))],
	['endswith', (self, [suffix]) => anyOf(suffix, (part) => self.endsWith(part))],
	['replace', (self, args) => text(replaced(self, args))],
	[
		'join',
		(self, [parts]) =>
			text(
				items(parts!)
					.map((part) => textOf(part, 'sequence item'))
					.join(self)
			)
	],
	['find', (self, [part]) => whole(self.indexOf(textOf(part, 'the argument')))],
	['rfind', (self, [part]) => whole(self.lastIndexOf(textOf(part, 'the argument')))],
	['count', (self, [part]) => whole(self.split(textOf(part, 'the argument')).length - 1)],
	[
		'removeprefix',
		(self, [part]) => {
			const prefix = textOf(part, 'the argument');
			return text(self.startsWith(prefix) ? self.slice(prefix.length) : self);
		}
	],
	[
		'removesuffix',
		(self, [part]) => {
			const suffix = textOf(part, 'the argument');
			return text(suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self);
		}
	],
	[
		'partition',
		(self, [part]) => {
			const sep = textOf(part, 'sep');
			const at = self.indexOf(sep);
			const parts = at < 0 ? [self, '', ''] : [self.slice(0, at), sep, self.slice(at + sep.length)];
			return tuple(parts.map(text));
		}
	],
	['isdigit', all(/^\p{Nd}+$/u)],
	['isnumeric', all(/^\p{N}+$/u)],
	['isalpha', all(/^\p{L}+$/u)],
	['isalnum', all(/^[\p{L}\p{N}]+$/u)],
	['isspace', all(/^\s+$/u)],
	['islower', (self) => truth(self === self.toLowerCase() && self !== self.toUpperCase())],
	['isupper', (self) => truth(self === self.toUpperCase() && self !== self.toLowerCase())],
	['format', (self, args) => text(formatted(self, args))]
]);

const field = /\{\{|\}\}|\{(\w*)\}|[{}]/g;

/**
 * `str.format` with plain fields: `{}`, `{0}`, `{name}`.
 * @throws {Error} for anything else between braces
 */
function formatted(self: string, args: readonly Value[]): string {
	const last = args.at(-1);
	const members =
		last?.type === 'KeywordArgumentsValue' && isDict(last) ? last.value : new Map<string, Value>();
	const given = members.size > 0 ? args.slice(0, -1) : args;
	let next = 0;
	return self.replace(field, (match, name: string | undefined) => {
		if (match === '{{' || match === '}}') return match[0]!;
		if (name === undefined) throw new Error(`str.format cannot read ${JSON.stringify(self)} here`);
		const value = name === '' ? given[next++] : /^\d+$/.test(name) ? given[Number(name)] : members.get(name);
		if (value === undefined) throw new Error(`str.format has nothing for ${match}`);
		return str(value);
	});
}
