import { skipSpace } from '../base/json-read.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import {
	asWritten,
	callOf,
	expectedAt,
	fence,
	readArguments,
	readObject,
	type CallArguments,
	type ObjectReading
} from './call-arguments.ts';
import type { ToolCall } from './message.ts';

/** Offsets into the text: from `start` up to, not including, `end`. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

/** A block that is meant as a call and is none; `message` names the offset and what was expected there. */
export interface HermesProblem extends Span {
	readonly message: string;
}

export interface HermesReply {
	/** The text outside `spans`: each piece trimmed, empty ones left out, joined by line breaks. */
	readonly content: string;
	readonly toolCalls: readonly ToolCall[];
	/** Where each call was written, tags included; they do not overlap and are in order. */
	readonly spans: readonly Span[];
	readonly problems: readonly HermesProblem[];
}

const open = '<tool_call>';
const close = '</tool_call>';

/**
 * Reads what a Hermes-style model wrote: words and `<tool_call>` blocks that hold `{"name": …, "arguments": {…}}`.
 *
 * Forgives what leaves no doubt: a missing closing tag before the next call or the end, a Markdown fence around the JSON,
 * `parameters` for `arguments`, arguments that are themselves JSON text or are left out, the slips that `readJson` forgives, and no
 * tags at all where the whole text is one call.
 *
 * Never throws and never loses text: what is not a sound call stays in `content`, word for word, and is told of in `problems` if
 * it began like one. Takes linear time: tags count only where a string does not hide them, so of the attempts that begin at
 * different tags all but one or two have stopped before the next tag.
 *
 * @param options.idPrefix call `i` gets the id `idPrefix + i`, from 0
 */
export function parseHermes(text: string, options: { readonly idPrefix?: string } = {}): HermesReply {
	const { idPrefix = 'call_' } = options;
	const toolCalls: ToolCall[] = [];
	const spans: Span[] = [];
	const problems: HermesProblem[] = [];
	const add = (found: Found) => {
		toolCalls.push({ id: `${idPrefix}${toolCalls.length}`, type: 'function', function: callOf(found) });
		spans.push({ start: found.start, end: found.end });
	};

	const bare = readBareCall(text);
	if (typeof bare === 'string') problems.push({ message: `tool call: ${bare}`, start: 0, end: text.length });
	else if (bare) add(bare);
	const nextClose = forwardSearch(text, close);
	let tag = bare ? -1 : text.indexOf(open);
	while (tag >= 0) {
		const found = readBlock(text, tag);
		const nextTag = text.indexOf(open, typeof found === 'string' ? tag + open.length : found.end);
		if (typeof found === 'string') {
			const closing = nextClose(tag);
			const until = nextTag < 0 ? text.length : nextTag;
			const end = closing >= 0 && closing < until ? closing + close.length : until;
			problems.push({ message: `tool call at offset ${tag}: ${found}`, start: tag, end });
		} else add(found);
		tag = nextTag;
	}
	return { content: outside(text, spans), toolCalls, spans, problems };
}

interface Found extends Span, CallArguments {
	readonly name: string;
}

/** The block whose opening tag is at `start`, or what is wrong with it. */
function readBlock(text: string, start: number): Found | string {
	const reading = readObject(text, start + open.length);
	if (typeof reading === 'string') return reading;
	const call = callIn(reading);
	if (typeof call === 'string') return call;
	const after = skipSpace(text, reading.end);
	if (text.startsWith(close, after)) return { ...call, start, end: after + close.length };
	if (after === text.length || text.startsWith(open, after)) return { ...call, start, end: reading.end };
	return expectedAt(text, after, close);
}

/**
 * A text that is nothing but one call without an opening tag. Both members are asked for: any other object is only words. One that begins
 * like a call and is none is told of, for nobody would say it.
 */
function readBareCall(text: string): Found | string | undefined {
	const start = skipSpace(text, 0);
	if (!text.startsWith('{', start) && !text.startsWith(fence, start)) return undefined;
	const reading = readObject(text, start);
	if (typeof reading === 'string')
		return bareBeginning.test(text.slice(start, start + 400)) && !text.includes(open) ? reading : undefined;
	let end = skipSpace(text, reading.end);
	if (text.startsWith(close, end)) end = skipSpace(text, end + close.length);
	if (end < text.length || argumentsKey(reading.value) === undefined) return undefined;
	const call = callIn(reading);
	return typeof call === 'string' ? undefined : { ...call, start, end };
}

const bareBeginning =
	/^(?:```[a-z]*\s*)?\{\s*"name"\s*:\s*"[^"]*"\s*,\s*"(?:arguments|parameters)"\s*:\s*\{/i;

function callIn({ value, members }: ObjectReading): (CallArguments & { readonly name: string }) | string {
	const name = Object.hasOwn(value, 'name') ? value['name'] : undefined;
	if (typeof name !== 'string' || name === '') return 'expected "name" to be a text that is not empty';
	const key = argumentsKey(value);
	if (key === undefined) return { name, arguments: {} };
	const given = value[key]!;
	const args = isJsonObject(given) ? asWritten(given, members.get(key)!) : readArguments(given);
	return typeof args === 'string' ? `in "${key}", ${args}` : { name, ...args };
}

function argumentsKey(value: JsonObject): string | undefined {
	return ['arguments', 'parameters'].find((key) => Object.hasOwn(value, key));
}

function outside(text: string, spans: readonly Span[]): string {
	const starts = [0, ...spans.map(({ end }) => end)];
	return starts
		.map((start, index) => text.slice(start, spans[index]?.start ?? text.length).trim())
		.filter((piece) => piece !== '')
		.join('\n');
}

/** `indexOf` for offsets that only grow; all searches together look at each character once. */
function forwardSearch(text: string, wanted: string): (from: number) => number {
	let found = 0;
	let started = false;
	return (from) => {
		if (!started || (found >= 0 && found < from)) found = text.indexOf(wanted, from);
		started = true;
		return found;
	};
}
