import { isJsonObject, JsonText, type Json, type JsonSource } from '../../base/json.ts';

/*
 * The template engine knows float64 only, and Python, where the template will be used, has whole numbers of any size and tells `2.0` from
 * `2`. So numbers that the engine would write otherwise go through it as marked text.
 */

const begin = '\u{f0000}';
const end = '\u{f0001}';

/** A value as it is handed to a template. */
export function templateValue(value: JsonSource): unknown {
	if (typeof value === 'bigint') return `${begin}${value}${end}`;
	if (value instanceof JsonText) return JSON.parse(marked(value.text));
	if (Array.isArray(value)) return (value as readonly JsonSource[]).map(templateValue);
	if (!isJsonObject(value)) return value;
	const members: [string, Json][] = Object.entries(value);
	return Object.fromEntries(members.map(([key, member]) => [key, templateValue(member)]));
}

/** Rendered text with the numbers as they were written. */
export function withNumbers(text: string): string {
	return text.replace(markedNumber, '$1');
}

/** Quotes are those of JSON text or of Python's `repr`. */
const markedNumber = new RegExp(`["']?${begin}([^${end}]*)${end}["']?`, 'gu');

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

function marked(text: string): string {
	return text.replace(stringOrNumber, (token) =>
		token.startsWith('"') || JSON.stringify(Number(token)) === token ? token : `"${begin}${token}${end}"`
	);
}
