/** A JSON value. Whole numbers beyond ±(2^53 − 1) are a `bigint`, so that no digit is lost; all other numbers are finite. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object; a key that is absent reads as `undefined`. */
export interface JsonObject {
	readonly [key: string]: Json;
}

/**
 * JSON text in the place of a value, for numbers that must be written as they were (`2.0`). Only the writers here take it:
 * `JSON.stringify` throws, so that it can never be written as something else.
 */
export class JsonText {
	readonly text: string;

	/** @param text valid JSON on one line */
	constructor(text: string) {
		this.text = text;
	}

	toJSON(): never {
		throw new TypeError('JSON.stringify cannot write JSON text as it is; use writeJson');
	}
}

/** What can be written: values, and ready text among them. */
export type JsonSource = Json | JsonText | readonly JsonSource[] | JsonRecord;

/** An object that can be written. */
export interface JsonRecord {
	readonly [key: string]: JsonSource;
}

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value comes back from JSON text as it was: no `undefined`, no number without digits, nothing but plain data. */
export function isJson(value: unknown): value is Json {
	switch (typeof value) {
		case 'boolean':
		case 'string':
		case 'bigint':
			return true;
		case 'number':
			return Number.isFinite(value) && !Object.is(value, -0);
		case 'object':
			return value === null || (Array.isArray(value) ? value : Object.values(value)).every(isJson);
		default:
			return false;
	}
}

/**
 * JSON text with a space after each comma and colon, keys in their own order. Chat templates write
 * objects this way (`tojson` follows Python's `json.dumps`), so models read and write this form.
 * @throws {RangeError} for a number that is not finite
 */
export function jsonText(value: JsonSource): string {
	if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
	if (value instanceof JsonText || !isJsonObject(value)) return scalar(value as JsonText | Scalar);
	const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${jsonText(member)}`);
	return `{${members.join(', ')}}`;
}

/**
 * JSON text without spaces, keys sorted at every depth: equal values give equal text.
 * @throws {RangeError} for a number that is not finite
 */
export function canonicalJson(value: Json): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	if (!isJsonObject(value)) return scalar(value as Scalar);
	const members = Object.keys(value)
		.sort()
		.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
	return `{${members.join(',')}}`;
}

/**
 * What `JSON.stringify` writes, and whole numbers of any size too.
 * @param indent for each level, e.g. a tab; without it all is on one line
 */
export function writeJson(value: unknown, indent = ''): string {
	try {
		return JSON.stringify(value, undefined, indent);
	} catch (error) {
		// What the engine cannot write itself; it is many times faster with the rest.
		if (!(error instanceof TypeError)) throw error;
		return write(value as JsonSource, indent, '\n');
	}
}

function write(value: JsonSource, indent: string, lineEnd: string): string {
	const [within, space] = indent === '' ? ['', ''] : [lineEnd + indent, ' '];
	const group = (open: string, items: readonly string[], close: string) =>
		items.length === 0
			? open + close
			: `${open}${within}${items.join(`,${within}`)}${indent && lineEnd}${close}`;
	if (Array.isArray(value))
		return group(
			'[',
			(value as readonly JsonSource[]).map((item) => write(item ?? null, indent, within)),
			']'
		);
	if (value instanceof JsonText || !isJsonObject(value)) return scalar(value as JsonText | Scalar);
	const members = Object.entries(value).filter(([, member]) => member !== undefined);
	return group(
		'{',
		members.map(([key, member]) => `${JSON.stringify(key)}:${space}${write(member, indent, within)}`),
		'}'
	);
}

type Scalar = null | boolean | number | bigint | string;

function scalar(value: Scalar | JsonText): string {
	if (value instanceof JsonText) return value.text;
	if (typeof value === 'bigint') return value.toString();
	if (typeof value === 'number' && !Number.isFinite(value))
		throw new RangeError(`${value} is not a number that JSON can hold`);
	return JSON.stringify(value);
}
