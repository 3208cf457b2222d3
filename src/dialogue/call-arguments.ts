import { jsonText, isJsonObject, type JsonObject, type JsonRecord, type JsonSource } from '../base/json.ts';
import { parseJsonAsWritten, readJson, skipSpace, type JsonReading } from '../base/json-read.ts';

/** The arguments of a call. */
export interface CallArguments {
	readonly arguments: JsonObject;
	/**
	 * JSON text of the arguments with every number as it was written (`2.0` is not `2`) and members in their order. Only where that
	 * differs from `jsonText(arguments)`.
	 */
	readonly argumentsText?: string;
}

/** The arguments as JSON text, as they were written. */
export function writeArguments(call: CallArguments): string {
	return call.argumentsText ?? jsonText(call.arguments);
}

/** The arguments one by one, numbers as they were written. */
export function writtenMembers(call: CallArguments): (readonly [name: string, value: JsonSource])[] {
	const { argumentsText: text } = call;
	const members = text === undefined ? call.arguments : parseJsonAsWritten(text);
	return Object.entries(members as JsonRecord);
}

/** A call's name and what it was given, and nothing else that the object may have. */
export function callOf<Call extends CallArguments & { readonly name: string }>(
	call: Call
): Pick<Call, 'name' | keyof CallArguments> {
	const { name, arguments: args, argumentsText } = call;
	return { name, arguments: args, ...(argumentsText !== undefined && { argumentsText }) };
}

/**
 * The one reader of arguments, whoever sends them: JSON text (perhaps in a Markdown fence), an object, or nothing at all.
 * @returns what is wrong, if they are none or hold a number that cannot be kept
 */
export function readArguments(given: unknown): CallArguments | string {
	if (given === undefined || given === null) return { arguments: {} };
	if (typeof given === 'string') return readArgumentsText(given);
	if (!isJsonObject(given))
		return `expected an object, found ${Array.isArray(given) ? 'a list' : typeof given}`;
	try {
		return readArgumentsText(jsonText(given));
	} catch (error) {
		// A number that is not finite, or deeper than the stack.
		return `expected JSON: ${error instanceof Error ? error.message : String(error)}`;
	}
}

function readArgumentsText(text: string): CallArguments | string {
	const start = skipSpace(text, 0);
	if (start === text.length || /^null\s*$/.test(text.slice(start, start + 8))) return { arguments: {} };
	const reading = readObject(text, start);
	if (typeof reading === 'string') return reading;
	const after = skipSpace(text, reading.end);
	return after === text.length ? asWritten(reading.value, reading.text) : expectedAt(text, after, 'the end');
}

/** @param text as `readJson` gives it */
export function asWritten(value: JsonObject, text: string): CallArguments {
	return { arguments: value, ...(text !== jsonText(value) && { argumentsText: text }) };
}

/** What Markdown puts around code. */
export const fence = '```';

export type ObjectReading = Extract<JsonReading, { ok: true }> & { readonly value: JsonObject };

/** A JSON object, perhaps in a Markdown fence; or what is wrong with it. */
export function readObject(text: string, start: number): ObjectReading | string {
	let at = skipSpace(text, start);
	const fenced = text.startsWith(fence, at);
	if (fenced) {
		at += fence.length;
		while (/[a-z]/i.test(text[at] ?? '')) at++;
		at = skipSpace(text, at);
	}
	if (text[at] !== '{') return expectedAt(text, at, 'a JSON object');
	const reading = readJson(text, at);
	if (!reading.ok) return expectedAt(text, reading.at, reading.expected);
	const closing = skipSpace(text, reading.end);
	const isClosed = fenced && text.startsWith(fence, closing);
	return {
		...reading,
		value: reading.value as JsonObject,
		end: isClosed ? closing + fence.length : reading.end
	};
}

/** Says what was expected at an offset of a text, and what is there. */
export function expectedAt(text: string, at: number, what: string): string {
	const there = at < text.length ? JSON.stringify(text.slice(at, at + 12)) : 'the end of the text';
	return `expected ${what} at offset ${at}, found ${there}`;
}
