import { readJson, skipSpace } from '../../base/json-read.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { readArguments } from '../call-arguments.ts';
import { pythonValue } from './python.ts';
import type { FoundCall } from './syntax.ts';

/**
 * The JSON text of a value that was written without quotes, as XML-like syntaxes write it. The parameter's schema says whether `2` is a
 * number or a text; where it allows both, or is not known, what reads as JSON is that value. What does not fit the schema stays text,
 * so that the environment refuses it by name.
 */
export function typedJson(written: string, schema: Json | undefined): string {
	const kinds = kindsOf(schema);
	const text = written.trim();
	if (kinds.has('string')) {
		const isNull = kinds.has('null') && /^(?:null|None)$/.test(text);
		return isNull ? 'null' : JSON.stringify(written);
	}
	return jsonIn(text, kinds) ?? JSON.stringify(written);
}

/** Whether a value is written as the text that it is, because its schema allows a text. */
export function isTextSchema(schema: Json | undefined): boolean {
	return kindsOf(schema).has('string');
}

/** A call whose arguments were found one by one, each as JSON text; or what is wrong with one. */
export function callWith(
	name: string,
	members: readonly (readonly [key: string, json: string])[]
): FoundCall | string {
	const text = `{${members.map(([key, json]) => `${JSON.stringify(key)}: ${json}`).join(', ')}}`;
	const args = readArguments(text);
	return typeof args === 'string' ? `in the arguments of ${name}, ${args}` : { name, ...args };
}

function jsonIn(text: string, kinds: ReadonlySet<string>): string | undefined {
	const reading = readJson(text, 0);
	if (reading.ok && skipSpace(text, reading.end) === text.length) return reading.text;
	const word = /^(true|false|none|null)$/i.exec(text)?.[1]!.toLowerCase();
	if (word === 'none' || word === 'null') return 'null';
	if (word !== undefined && kinds.has('boolean')) return word;
	const python = pythonValue(text, 0);
	return python.ok && skipSpace(text, python.end) === text.length && /^[[({]/.test(text)
		? python.json
		: undefined;
}

/** The kinds of value that a schema allows, as far as it says so outright; none if it does not. */
function kindsOf(schema: Json | undefined): ReadonlySet<string> {
	const kinds = new Set<string>();
	collect(schema, kinds, 0);
	return kinds;
}

function collect(schema: Json | undefined, kinds: Set<string>, depth: number): void {
	if (!isJsonObject(schema) || depth > 4) return;
	const { type, enum: values, const: value, anyOf, oneOf } = schema;
	for (const one of Array.isArray(type) ? (type as readonly Json[]) : [type])
		if (typeof one === 'string') kinds.add(one);
	if (type === undefined)
		for (const one of Array.isArray(values) ? (values as readonly Json[]) : [value]) {
			if (typeof one === 'string') kinds.add('string');
			if (one === null) kinds.add('null');
		}
	for (const some of [anyOf, oneOf])
		for (const one of Array.isArray(some) ? (some as readonly Json[]) : []) collect(one, kinds, depth + 1);
}
