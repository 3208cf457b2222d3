import { isJsonObject, JsonText, type Json, type JsonSource } from '../../base/json.ts';
import { pythonNumber } from './python-number.ts';

/*
 * The template engine knows float64 only, and Python, where the template will be used, has whole numbers of any size and tells `2.0` from
 * `2`. So numbers that the engine would write otherwise go through it as marked text, which is what Python prints.
 */

const begin = '\u{f0000}';
const end = '\u{f0001}';
/** Before the number as it was written, where that differs. */
const written = '\u{f0002}';

/** A value as it is handed to a template. */
export function templateValue(value: JsonSource): unknown {
	if (typeof value === 'bigint') return mark(value.toString());
	if (value instanceof JsonText) return JSON.parse(marked(value.text));
	if (Array.isArray(value)) return (value as readonly JsonSource[]).map(templateValue);
	if (!isJsonObject(value)) return value;
	const members: [string, Json][] = Object.entries(value);
	return Object.fromEntries(members.map(([key, member]) => [key, templateValue(member)]));
}

/** Rendered text with the numbers as Python prints them. */
export function withNumbers(text: string): string {
	return text.replace(markedNumber, '$1');
}

/** Quotes are those of JSON text or of Python's `repr`. */
const markedNumber = new RegExp(
	`["']?${begin}([^${end}${written}]*)(?:${written}([^${end}]*))?${end}["']?`,
	'gu'
);

/** If a value is a marked number: how Python prints it and how it was written. Others are none. */
export function numberSpellings(value: string): readonly string[] {
	return [...value.matchAll(markedNumber)].flatMap(([, printed, asWritten = printed]) => [
		printed!,
		asWritten!
	]);
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

function mark(number: string): string {
	const printed = pythonNumber(number);
	return `${begin}${printed}${printed === number ? '' : written + number}${end}`;
}

function marked(text: string): string {
	return text.replace(stringOrNumber, (token) =>
		token.startsWith('"') || JSON.stringify(Number(token)) === token ? token : `"${mark(token)}"`
	);
}
