import { readJson } from '../../base/json-read.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { isWholeCall, readJsonCalls } from './json-calls.ts';
import { readNameLines } from './named-json.ts';
import { pythonCall, pythonName } from './python.ts';
import { readPythonCalls } from './pythonic.ts';
import type { ReplyText } from './reply-text.ts';
import type { FoundCall } from './syntax.ts';

/** What a part of a reply without tags holds: calls, or what is meant as one. */
export type UntaggedReading = UntaggedCalls | { readonly start: number; readonly problem: string };

interface UntaggedCalls {
	readonly start: number;
	readonly end: number;
	readonly calls: readonly FoundCall[];
	readonly thought?: string;
}

/**
 * Calls that nothing marks as such: JSON, a list in Python, or a name above JSON, from the beginning of a line, perhaps in a fence.
 * Words may come before them or after them; between words a call is a problem, for so one speaks of calls. Only the name of a tool makes a call of it, for JSON and code are answers, too.
 *
 * @param start of the part to look at
 * @param stop its end; behind it is nothing but white space, thoughts and frames
 */
export function readUntagged(reply: ReplyText, start: number, stop: number): UntaggedReading | undefined {
	const line = /\n[ \t]*(?=[[{`\w])/g;
	const first = reply.skipSpace(start);
	let attempts = 0;
	for (let at = first; at < stop;) {
		// Each may read on to the end of the reply.
		if (/[[{`]/.test(reply.text[at]!) && ++attempts > maxAttempts) return undefined;
		const found = readAt(reply, { at, stop, isFirst: at === first });
		if (typeof found === 'object')
			return 'problem' in found ? found : withAllAfter(reply, found, { stop, first });
		line.lastIndex = Math.max(found ?? 0, at + 1);
		if (!line.test(reply.text) || line.lastIndex >= stop) return undefined;
		at = line.lastIndex;
	}
	return undefined;
}

/** Places in one reply that are tried: many more than a model has reasons for. */
const maxAttempts = 100;

/** The calls that follow the first ones at once, too. */
function withAllAfter(
	reply: ReplyText,
	found: UntaggedCalls,
	{ stop, first }: { readonly stop: number; readonly first: number }
): UntaggedReading | undefined {
	const calls = [...found.calls];
	let { end } = found;
	for (let at = reply.skipSpace(end); at < stop; at = reply.skipSpace(end)) {
		const more = readAt(reply, { at, stop, isFirst: false });
		if (typeof more === 'object' && !('problem' in more) && more.calls.length > 0) {
			calls.push(...more.calls);
			end = more.end;
			continue;
		}
		// Where any name is taken, words beside a call make words of it.
		if (reply.takesAnyName || calls.length === 0) return undefined;
		if (found.start !== first)
			return { start: found.start, problem: `a call of ${calls[0]!.name} in the midst of words` };
		break;
	}
	return { ...found, calls, end };
}

/** @returns calls or a problem; where to go on if what is here is something else that was read whole */
function readAt(
	reply: ReplyText,
	{ at, stop, isFirst }: { readonly at: number; readonly stop: number; readonly isFirst: boolean }
): UntaggedReading | number | undefined {
	const { text } = reply;
	const fence = /^```([\w-]*)[ \t]*\n?/.exec(text.slice(at, at + 40));
	const inside = fence ? reply.skipSpace(at + fence[0].length) : at;
	// A fence says of what is in it what it is; calls are in those for JSON, or in one that says nothing, lists of them in Python's.
	const isPython =
		fence !== null &&
		/^(?:py|python)$/i.test(fence[1]!) &&
		/^\[\s*[A-Za-z_]/.test(text.slice(inside, inside + 40));
	if (fence && !isPython && !/^(?:json|tool_calls?|function_calls?|)$/i.test(fence[1]!)) {
		const end = reply.find('\n```', inside);
		return end < 0 ? stop : end + 4;
	}
	switch (text[inside]) {
		case '{':
			return readObject(reply, { at, inside, stop, isFirst });
		case '[':
			return readList(reply, { at, inside, stop });
		default:
			return readName(reply, { at, inside, stop, isFirst });
	}
}

interface Place {
	/** Fence included. */
	readonly at: number;
	readonly inside: number;
	readonly stop: number;
}

const closers = ['</tool_call>'];

function readObject(reply: ReplyText, { at, inside, stop, isFirst }: Place & { readonly isFirst: boolean }) {
	const { text } = reply;
	const found = readJsonCalls(reply, at, { closers });
	if (typeof found === 'string')
		return beginning(reply, inside, isFirst) ? { start: at, problem: found } : undefined;
	const value = readJson(text, inside);
	const isWrapped =
		value.ok &&
		isJsonObject(value.value) &&
		Array.isArray(value.value['tool_calls']) &&
		hasTools(reply, found.calls);
	const isCall = isWrapped || ((!value.ok || isWholeCall(value.value)) && found.calls.length > 0);
	if (!isCall) return value.ok ? value.end : undefined;
	const isMeant = hasTools(reply, found.calls);
	const end = reply.after(closers, found.end) ?? found.end;
	if (isMeant) return { start: at, end, calls: found.calls, ...(value.ok && thoughtIn(value.value)) };
	if (reply.skipSpace(end) < stop) return end;
	const unknown = found.calls.find(({ name }) => !reply.mayBeTool(name))?.name ?? '';
	return /^[A-Za-z_][\w.-]*$/.test(unknown) && isFirst && beginning(reply, inside, true)
		? { start: at, problem: `calls ${unknown}, and there is no such tool` }
		: end;
}

function readList(reply: ReplyText, { at, inside, stop }: Place): UntaggedReading | number | undefined {
	const { text } = reply;
	const afterBracket = text[reply.skipSpace(inside + 1)] ?? '';
	// How models that answer in lists say that they call nothing.
	if (afterBracket === ']' && !reply.takesAnyName && reply.hasTools) {
		const end = reply.skipSpace(inside + 1) + 1;
		const closed = reply.after(['```'], end) ?? end;
		return reply.skipSpace(closed) < stop ? end : { start: at, end: closed, calls: [] };
	}
	if (/[A-Za-z_]/.test(afterBracket)) {
		const found = readPythonCalls(reply, inside);
		if (found === undefined) return undefined;
		if (typeof found === 'string') return { start: at, problem: found };
		return { start: at, end: reply.after(['```'], found.end) ?? found.end, calls: found.calls };
	}
	const found = readJsonCalls(reply, at, { closers });
	if (typeof found === 'string')
		return beginning(reply, reply.skipSpace(inside + 1), false) ? { start: at, problem: found } : undefined;
	const value = readJson(text, inside);
	const items = value.ok && Array.isArray(value.value) ? (value.value as readonly Json[]) : undefined;
	const isCalls =
		found.calls.length > 0 &&
		hasTools(reply, found.calls) &&
		(items === undefined || items.every(isWholeCall));
	if (!isCalls || reply.takesAnyName) return value.ok ? value.end : undefined;
	return { start: at, end: reply.after(closers, found.end) ?? found.end, calls: found.calls };
}

function readName(
	reply: ReplyText,
	{ at, inside, stop, isFirst }: Place & { readonly isFirst: boolean }
): UntaggedReading | undefined {
	pythonName.lastIndex = inside;
	const name = pythonName.exec(reply.text)?.[0];
	if (name === undefined || !reply.isTool(name)) return undefined;
	const lines = readNameLines(reply, inside);
	if (typeof lines === 'string') return { start: at, problem: lines };
	if (lines) return { start: at, end: reply.after(['```'], lines.end) ?? lines.end, calls: lines.calls };
	// One call as it stands in code: nobody says that to a person, and no model was taught to call so.
	const code = isFirst ? pythonCall(reply.text, inside) : undefined;
	return code?.ok && reply.skipSpace(code.end) >= stop
		? { start: at, problem: `a call of ${name} without the brackets of a list around it` }
		: undefined;
}

function hasTools(reply: ReplyText, calls: readonly FoundCall[]): boolean {
	return calls.every(({ name }) => reply.mayBeTool(name));
}

const callBeginning =
	/^\{\s*["'](?:type["']\s*:\s*["']function["']\s*,\s*["']function["']\s*:\s*\{\s*["'])?name["']\s*:\s*["']([^"'\n]*)["']\s*,\s*["'](?:arguments|parameters)["']\s*:\s*\{/i;

/** Whether an object begins as calls do; if any name will do, or the name is that of a tool. */
function beginning(reply: ReplyText, at: number, takesAnyName: boolean): boolean {
	const name = callBeginning.exec(reply.text.slice(at, at + 400))?.[1];
	return name !== undefined && (takesAnyName || reply.isTool(name));
}

function thoughtIn(value: Json): { readonly thought?: string } {
	const thought = isJsonObject(value) && Array.isArray(value['tool_calls']) ? value['thought'] : undefined;
	return typeof thought === 'string' && thought.trim() !== '' ? { thought } : {};
}
