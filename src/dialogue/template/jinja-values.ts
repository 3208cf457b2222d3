import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { isJsonObject, JsonText } from '../../base/json.ts';

/*
 * The values of `@huggingface/jinja`, made and read as Python would: what they print, when they are equal, how they are ordered.
 * The library exports none of their classes, so they are taken from values that it made.
 */

export type LibraryValue = ReturnType<Interpreter['evaluate']>;

/** A value of the library. Its own type says nothing of what is in there; the tests below do. */
export interface Value {
	readonly type: string;
	readonly value: unknown;
	__bool__(): { readonly value: boolean };
}

export type Call = (args: readonly Value[]) => Value;
/** Keys of objects are text or whole numbers. */
export type Members = Map<string | number, Value>;

function made(value: unknown): Value {
	return new Environment().set('value', value);
}

const madeTuple = (() => {
	const environment = new Environment();
	new Interpreter(environment).run(parse(tokenize('{% set value = (1, 2) %}')));
	return environment.lookupVariable('value');
})();

type Maker<Raw> = new (value: Raw) => Value;
const maker = <Raw>(value: Value) => value.constructor as unknown as Maker<Raw>;
const Text = maker<string>(made(''));
const Whole = maker<number | bigint>(made(1));
const Float = maker<number>(made(0.5));
const Truth = maker<boolean>(made(true));
const List = maker<readonly Value[]>(made([]));
const Tuple = maker<readonly Value[]>(madeTuple);
const Dict = maker<Members>(made({}));
const Callable = maker<Call>(made(() => null));

export const none = made(null);
export const missing = made(undefined);
export const text = (value: string): Value => new Text(value);
/** Beyond what a number holds it is a `bigint`, which is printed and not reckoned with. */
export const whole = (value: number | bigint): Value => new Whole(value);
export const float = (value: number): Value => new Float(value);
export const truth = (value: boolean): Value => new Truth(value);
export const list = (value: readonly Value[]): Value => new List(value);
export const tuple = (value: readonly Value[]): Value => new Tuple(value);
export const dict = (value: Members): Value => new Dict(value);
export const callable = (call: Call): Value => new Callable(call);

/**
 * A plain value: JSON, big whole numbers and `JsonText` among it, whose numbers stay what they are (`2.0` is a float).
 * @throws {Error} if it is something else
 */
export function valueOf(plain: unknown): Value {
	switch (typeof plain) {
		case 'string':
			return text(plain);
		case 'number':
			return Number.isInteger(plain) ? whole(plain) : float(plain);
		case 'bigint':
			return whole(plain);
		case 'boolean':
			return truth(plain);
		case 'undefined':
			return missing;
	}
	if (plain === null) return none;
	if (plain instanceof JsonText) return valueOfText(plain.text);
	if (Array.isArray(plain)) return list(plain.map(valueOf));
	if (isJsonObject(plain))
		return dict(new Map(Object.entries(plain).map(([key, member]) => [key, valueOf(member)])));
	throw new Error(`a template cannot be given a ${typeof plain}`);
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** JSON text, whose numbers go through `JSON.parse` as text of one kind and all other text as that of another. */
function valueOfText(json: string): Value {
	const marked = json.replace(stringOrNumber, (token) =>
		token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`
	);
	const read = (value: unknown): Value => {
		if (Array.isArray(value)) return list(value.map(read));
		if (isJsonObject(value))
			return dict(new Map(Object.entries(value).map(([key, member]) => [key.slice(1), read(member)])));
		if (typeof value !== 'string') return valueOf(value);
		const rest = value.slice(1);
		if (value.startsWith('s')) return text(rest);
		if (!/^-?\d+$/.test(rest)) return float(Number(rest));
		return whole(Number.isSafeInteger(Number(rest)) ? Number(rest) : BigInt(rest));
	};
	return read(JSON.parse(marked));
}

type Of<Raw> = Value & { readonly value: Raw };
export const isText = (value: Value): value is Of<string> => value.type === 'StringValue';
export const isWhole = (value: Value): value is Of<number> => value.type === 'IntegerValue';
export const isFloat = (value: Value): value is Of<number> => value.type === 'FloatValue';
export const isTruth = (value: Value): value is Of<boolean> => value.type === 'BooleanValue';
export const isNone = (value: Value): boolean => value.type === 'NullValue';
export const isMissing = (value: Value): boolean => value.type === 'UndefinedValue';
export const isTuple = (value: Value): boolean => value.type === 'TupleValue';
export const isList = (value: Value): value is Of<readonly Value[]> =>
	value.type === 'ArrayValue' || value.type === 'TupleValue';
export const isDict = (value: Value): value is Of<Members> =>
	value.type === 'ObjectValue' || value.type === 'KeywordArgumentsValue';
export const isNamespace = (value: Value): value is Of<Members> => value.type === 'NamespaceValue';
export const isNumber = (value: Value): value is Of<number | boolean> =>
	isWhole(value) || isFloat(value) || isTruth(value);
export const isTrue = (value: Value): boolean => value.__bool__().value;

/** A key of an object as a value. */
export const keyValue = (key: string | number): Value => (typeof key === 'number' ? whole(key) : text(key));

/** What Python calls the type, for errors. */
export function typeName(value: Value): string {
	if (isText(value)) return 'str';
	if (isWhole(value)) return 'int';
	if (isFloat(value)) return 'float';
	if (isTruth(value)) return 'bool';
	if (isNone(value)) return 'NoneType';
	if (isMissing(value)) return 'Undefined';
	if (isTuple(value)) return 'tuple';
	if (isList(value)) return 'list';
	return isDict(value) ? 'dict' : 'function';
}

/** @throws {Error} if the value cannot be looped over */
export function items(value: Value): readonly Value[] {
	if (isList(value)) return value.value;
	if (isText(value)) return Array.from(value.value, text);
	if (isDict(value)) return [...value.value.keys()].map(keyValue);
	if (isMissing(value)) return [];
	throw new Error(`'${typeName(value)}' object is not iterable`);
}

/** `str(value)`. */
export function str(value: Value): string {
	if (isText(value)) return value.value;
	return isMissing(value) ? '' : repr(value);
}

/** `repr(value)`. */
export function repr(value: Value): string {
	if (isText(value)) return reprText(value.value);
	if (isWhole(value)) return String(value.value);
	if (isFloat(value)) return reprFloat(value.value);
	if (isTruth(value)) return value.value ? 'True' : 'False';
	if (isNone(value)) return 'None';
	if (isMissing(value)) return 'Undefined';
	if (isTuple(value)) {
		const members = items(value).map(repr);
		return members.length === 1 ? `(${members[0]},)` : `(${members.join(', ')})`;
	}
	if (isList(value)) return `[${value.value.map(repr).join(', ')}]`;
	if (isDict(value) || isNamespace(value)) {
		const members = [...value.value].map(([key, member]) => `${repr(keyValue(key))}: ${repr(member)}`);
		const body = `{${members.join(', ')}}`;
		return isNamespace(value) ? `<Namespace ${body}>` : body;
	}
	return '<function>';
}

const namedEscapes: Readonly<Record<string, string>> = {
	'\\': '\\\\',
	'\n': '\\n',
	'\r': '\\r',
	'\t': '\\t'
};
/** What Python does not print as it is: of separators only the space. Private use, too, but marked numbers go through here. */
const unprintable = /[\\\n\r\t]|(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Z}]/gu;

function reprText(value: string): string {
	const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
	const escaped = value.replace(unprintable, (char) => {
		const named = namedEscapes[char];
		if (named !== undefined) return named;
		const code = char.codePointAt(0)!;
		const hex = code.toString(16);
		return code < 0x100
			? `\\x${hex.padStart(2, '0')}`
			: code < 0x10000
				? `\\u${hex.padStart(4, '0')}`
				: `\\U${hex.padStart(8, '0')}`;
	});
	return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function reprFloat(value: number): string {
	if (Number.isNaN(value)) return 'nan';
	if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
	if (Object.is(value, -0)) return '-0.0';
	if (value === 0) return '0.0';
	const [digits, power] = value.toExponential().split('e') as [string, string];
	const exponent = Number(power);
	if (exponent < -4 || exponent >= 16) {
		return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
	}
	const plain =
		exponent < 0 ? value.toFixed(digits.replace(/[-.]/g, '').length - 1 - exponent) : String(value);
	return plain.includes('.') ? plain : `${plain}.0`;
}

export interface JsonForm {
	/** What each level is set in by; on one line if null. */
	readonly indent: string | null;
	readonly separators: readonly [item: string, key: string];
	readonly ensureAscii: boolean;
	readonly sortKeys: boolean;
}

/**
 * `json.dumps`, which is what transformers' `tojson` is.
 * @throws {Error} if the value has no JSON form
 */
export function dumpJson(value: Value, form: JsonForm, depth = 0): string {
	const { indent, separators } = form;
	const quoted = (string: string): string => {
		const json = JSON.stringify(string);
		return form.ensureAscii
			? json.replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
			: json;
	};
	const enclosed = ([open, close]: string, members: readonly string[]): string => {
		if (members.length === 0) return `${open}${close}`;
		if (indent === null) return `${open}${members.join(separators[0])}${close}`;
		const line = `\n${indent.repeat(depth)}`;
		return `${open}${line}${indent}${members.join(`${separators[0]}${line}${indent}`)}${line}${close}`;
	};
	if (isText(value)) return quoted(value.value);
	if (isNone(value)) return 'null';
	if (isTruth(value)) return JSON.stringify(value.value);
	if (isFloat(value)) return reprFloat(value.value).replace('inf', 'Infinity').replace('nan', 'NaN');
	if (isWhole(value)) return String(value.value);
	if (isList(value)) {
		return enclosed(
			'[]',
			value.value.map((member) => dumpJson(member, form, depth + 1))
		);
	}
	if (isDict(value)) {
		const entries = [...value.value].map(([key, member]): [string, Value] => [String(key), member]);
		if (form.sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
		return enclosed(
			'{}',
			entries.map(([key, member]) => quoted(key) + separators[1] + dumpJson(member, form, depth + 1))
		);
	}
	throw new Error(`Object of type ${typeName(value)} is not JSON serializable`);
}

/** `a == b`. */
export function equal(a: Value, b: Value): boolean {
	if (isNumber(a) && isNumber(b)) return Number(a.value) === Number(b.value);
	if (isList(a) && isList(b)) {
		const [left, right] = [a.value, b.value];
		return (
			isTuple(a) === isTuple(b) &&
			left.length === right.length &&
			left.every((member, index) => equal(member, right[index]!))
		);
	}
	if (isDict(a) && isDict(b)) {
		const [left, right] = [a.value, b.value];
		return (
			left.size === right.size &&
			[...left].every(([key, member]) => right.has(key) && equal(member, right.get(key)!))
		);
	}
	return a.type === b.type && a.value === b.value;
}

/**
 * Below 0 if a < b.
 * @throws {Error} if they have no order
 */
export function compare(a: Value, b: Value): number {
	if (isNumber(a) && isNumber(b)) return Number(a.value) - Number(b.value);
	if (isText(a) && isText(b)) return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
	if (isList(a) && isList(b)) {
		const unequal = a.value.findIndex((member, at) => at >= b.value.length || !equal(member, b.value[at]!));
		if (unequal < 0) return a.value.length - b.value.length;
		return unequal >= b.value.length ? 1 : compare(a.value[unequal]!, b.value[unequal]!);
	}
	throw new Error(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

/** `needle in container`. @throws {Error} if nothing can be in there */
export function contains(container: Value, needle: Value): boolean {
	if (isText(container)) {
		if (isText(needle)) return container.value.includes(needle.value);
		throw new Error(`'in <string>' requires string as left operand, not ${typeName(needle)}`);
	}
	if (isDict(container)) return (isText(needle) || isWhole(needle)) && container.value.has(needle.value);
	return items(container).some((member) => equal(member, needle));
}

/** Arguments by their names, however they were given. */
export type Named = Readonly<Record<string, Value | undefined>>;

/** @throws {Error} if there are more than names, or one has an unknown name */
export function named(args: readonly Value[], ...names: readonly string[]): Named {
	const last = args.at(-1);
	const given = last?.type === 'KeywordArgumentsValue' ? args.slice(0, -1) : args;
	if (given.length > names.length)
		throw new Error(`takes at most ${names.length} arguments, not ${given.length}`);
	const found: Record<string, Value> = {};
	given.forEach((value, index) => (found[names[index]!] = value));
	if (last && given !== args && isDict(last)) {
		for (const [name, value] of last.value) {
			if (!names.includes(String(name))) throw new Error(`takes no argument '${name}'`);
			found[String(name)] = value;
		}
	}
	return found;
}
