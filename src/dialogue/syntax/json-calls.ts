import { readJson, skipSpace, type JsonReading } from '../../base/json-read.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { asWritten, expectedAt, fence, readArguments, type CallArguments } from '../call-arguments.ts';
import { pythonValue } from './python.ts';
import type { ReplyText } from './reply-text.ts';
import type { FoundCall, FoundCalls } from './syntax.ts';

/** Where models put the name of a tool, and what they give it. */
const nameKeys = ['name', 'tool_name'];
const argumentKeys = ['arguments', 'parameters'];
const otherArgumentKeys = ['args', 'input'];
/** What else a call may have that says nothing of it. */
const aside = ['id', 'type', 'tool_call_id', 'index'];

export interface JsonCallOptions {
	/** What may end the calls. A brace too many or too few before it is forgiven. */
	readonly closers?: readonly string[];
	/** Reads a call out of an object; by default `{"name": …, "arguments": {…}}` and its relatives. */
	readonly call?: typeof jsonCall;
}

type SoundReading = Extract<JsonReading, { ok: true }>;

/**
 * Reads one call, a list of them, or several one after the other, perhaps in a Markdown fence. Forgives what leaves no doubt: the quotes
 * and words of Python, a brace too many, one or two too few at the end, and what `readJson` forgives.
 * @returns where the JSON ended, fence included; or what is wrong
 */
export function readJsonCalls(
	reply: ReplyText,
	from: number,
	{ closers = [], call = jsonCall }: JsonCallOptions = {}
): FoundCalls | string {
	const { text } = reply;
	let at = reply.skipSpace(from);
	const fenced = /^```\w*/.exec(text.slice(at, at + 30))?.[0];
	if (fenced !== undefined) at = reply.skipSpace(at + fenced.length);
	if (text[at] !== '{' && text[at] !== '[') return expectedAt(text, at, 'a JSON object');
	// Braces that were doubled for a template.
	if (text.startsWith('{{', at)) at++;
	const calls: FoundCall[] = [];
	let end = at;
	while (text[at] === '{' || text[at] === '[') {
		const one = text[at] === '{' ? readOne(reply, at, closers, call) : readList(reply, at, closers, call);
		if (typeof one === 'string') return one;
		calls.push(...one.calls);
		end = one.end;
		at = reply.skipSpace(end);
		if (text[at] === ',' || text[at] === ';') at = reply.skipSpace(at + 1);
	}
	end = skipSurplus(reply, end, closers);
	const closing = fenced === undefined ? undefined : reply.after([fence], end);
	return { calls, end: closing ?? end };
}

/** A call out of `{"name": …, "arguments": {…}}`, of that inside `"function"`; or what is wrong with it. */
export function jsonCall({ value, members }: Pick<SoundReading, 'members'> & { readonly value: JsonObject }) {
	const nested = Object.hasOwn(value, 'function') ? value['function'] : undefined;
	if (isJsonObject(nested)) {
		const reading = readJson(members.get('function')!, 0) as SoundReading;
		return callIn(nested, reading.members);
	}
	return callIn(value, members);
}

/** Whether an object has all that makes it a call without anything around it. */
export function isWholeCall(value: Json): boolean {
	if (!isJsonObject(value)) return false;
	const nested = Object.hasOwn(value, 'function') ? value['function'] : undefined;
	const call = isJsonObject(nested) ? nested : value;
	return nameOf(call) !== undefined && argumentsKey(call) !== undefined;
}

function callIn(value: JsonObject, members: ReadonlyMap<string, string>): FoundCall | string {
	const name = nameOf(value);
	if (name === undefined) return 'expected "name" to be a text that is not empty';
	const key = argumentsKey(value) ?? otherArgumentKeys.find((one) => Object.hasOwn(value, one));
	if (key === undefined) {
		const other = Object.keys(value).find((one) => !nameKeys.includes(one) && !aside.includes(one));
		return other === undefined
			? { name, arguments: {} }
			: `expected "arguments" beside "name", found ${JSON.stringify(other)}`;
	}
	const given = value[key]!;
	const args: CallArguments | string = isJsonObject(given)
		? asWritten(given, members.get(key)!)
		: readArguments(given);
	return typeof args === 'string' ? `in "${key}", ${args}` : { name, ...args };
}

function nameOf(value: JsonObject): string | undefined {
	const key = nameKeys.find((one) => Object.hasOwn(value, one));
	const name = key === undefined ? undefined : value[key];
	return typeof name === 'string' && name !== '' ? name : undefined;
}

function argumentsKey(value: JsonObject): string | undefined {
	return argumentKeys.find((key) => Object.hasOwn(value, key));
}

function readOne(
	reply: ReplyText,
	at: number,
	closers: readonly string[],
	call: NonNullable<JsonCallOptions['call']>
): FoundCalls | string {
	const reading = readLeniently(reply, at, closers);
	if (!reading.ok) return expectedAt(reply.text, reading.at, reading.expected);
	const value = reading.value as JsonObject;
	// xLAM's form: all of its answer in one object.
	const wrapped = Object.hasOwn(value, 'tool_calls') ? reading.members.get('tool_calls') : undefined;
	if (wrapped !== undefined && Array.isArray(value['tool_calls'])) {
		const list = readListText(wrapped, call);
		return typeof list === 'string' ? list : { calls: list, end: reading.end };
	}
	const found = call({ value, members: reading.members });
	return typeof found === 'string' ? found : { calls: [found], end: reading.end };
}

function readList(
	reply: ReplyText,
	at: number,
	closers: readonly string[],
	call: typeof jsonCall
): FoundCalls | string {
	const reading = readLeniently(reply, at, closers);
	if (!reading.ok) return expectedAt(reply.text, reading.at, reading.expected);
	const calls = readListText(reading.text, call);
	return typeof calls === 'string' ? calls : { calls, end: reading.end };
}

/** The object at `from`, perhaps in a fence, with the same slips forgiven as in calls; or what is wrong with it. */
export function jsonObjectAt(
	reply: ReplyText,
	from: number,
	closers: readonly string[]
): { readonly value: JsonObject; readonly text: string; readonly end: number } | string {
	const { text } = reply;
	let at = reply.skipSpace(from);
	const fenced = /^```\w*/.exec(text.slice(at, at + 30))?.[0];
	if (fenced !== undefined) at = reply.skipSpace(at + fenced.length);
	if (text[at] !== '{') return expectedAt(text, at, 'a JSON object');
	const reading = readLeniently(reply, at, closers);
	if (!reading.ok) return expectedAt(text, reading.at, reading.expected);
	const end = skipSurplus(reply, reading.end, closers);
	const closing = fenced === undefined ? undefined : reply.after([fence], end);
	return { value: reading.value as JsonObject, text: reading.text, end: closing ?? end };
}

/** @param list a valid JSON list, as `readJson` writes it */
function readListText(list: string, call: typeof jsonCall): FoundCall[] | string {
	const calls: FoundCall[] = [];
	for (let at = skipSpace(list, 1); list[at] !== ']'; at = skipSpace(list, at)) {
		const reading = readJson(list, at) as SoundReading;
		if (!isJsonObject(reading.value)) return 'expected a list of objects';
		const found = call({ value: reading.value, members: reading.members });
		if (typeof found === 'string') return found;
		calls.push(found);
		at = skipSpace(list, reading.end);
		if (list[at] === ',') at++;
	}
	return calls;
}

function readLeniently(reply: ReplyText, at: number, closers: readonly string[]): JsonReading {
	const { text } = reply;
	const reading = readJson(text, at);
	if (reading.ok) return reading;
	return closed(reply, at, reading.at, closers) ?? fromPython(text, at) ?? reading;
}

/** Brackets that may be missing at the end of calls. */
const maxMissing = 2;

/** With the one or two brackets that are missing at its end, if nothing but those is. */
function closed(
	reply: ReplyText,
	start: number,
	stopped: number,
	closers: readonly string[]
): SoundReading | undefined {
	let end = reply.skipSpace(stopped);
	const written = reply.text.slice(start, end).trimEnd();
	if (written.endsWith(',')) return undefined;
	const open = openBrackets(written);
	// The end of a list, where a brace is missing before it.
	if (reply.text[end] === ']' && open.startsWith(']') && open.length > 1) end++;
	else {
		const isClosed =
			closers.some((closer) => closer !== '' && reply.has(closer, end)) || reply.has(fence, end);
		if (!isClosed && end < reply.end) return undefined;
		// Where the text just ends, it may have been cut: then all arguments must be there.
		if (!isClosed && !(written.endsWith('}') && open.length <= Number(written.startsWith('[')) + 1))
			return undefined;
	}
	if (open.length > maxMissing) return undefined;
	const whole = written + [...open].reverse().join('');
	const reading = readJson(whole, 0);
	return reading.ok && reading.end === whole.length ? { ...reading, end } : undefined;
}

/** The brackets that would close those that are open at the end of a JSON text, the outermost first. */
function openBrackets(text: string): string {
	let open = '';
	for (let at = 0; at < text.length; at++) {
		switch (text[at]) {
			case '"':
				for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
				break;
			case '{':
				open += '}';
				break;
			case '[':
				open += ']';
				break;
			case '}':
			case ']':
				open = open.slice(0, -1);
		}
	}
	return open;
}

/** @returns `undefined` if it is no Python either */
function fromPython(text: string, at: number): JsonReading | undefined {
	const python = pythonValue(text, at);
	if (!python.ok) return undefined;
	const reading = readJson(python.json, 0);
	return reading.ok ? { ...reading, end: python.end } : undefined;
}

/** Braces and brackets that close nothing, right before the end of the calls. */
function skipSurplus(reply: ReplyText, from: number, closers: readonly string[]): number {
	let at = reply.skipSpace(from);
	if (!/[}\]]/.test(reply.text[at] ?? '')) return from;
	while (reply.text[at] === '}' || reply.text[at] === ']') at = reply.skipSpace(at + 1);
	const isBeforeEnd =
		at >= reply.end ||
		reply.has(fence, at) ||
		closers.some((closer) => closer !== '' && reply.has(closer, at));
	return isBeforeEnd ? at : from;
}
