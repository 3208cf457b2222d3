import { readJson } from '../../base/json-read.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { isWholeCall, readJsonCalls } from './json-calls.ts';
import { readNameLines } from './named-json.ts';
import { pythonCall, pythonName } from './python.ts';
import { readPythonCalls } from './pythonic.ts';
import type { ReplyText } from './reply-text.ts';
import type { FoundCall } from './syntax.ts';

/** What a part of a reply without tags holds: calls that reach to its end, or what is meant as one. */
export type UntaggedReading =
	| { readonly start: number; readonly calls: readonly FoundCall[]; readonly thought?: string }
	| { readonly start: number; readonly problem: string };

/**
 * Calls that nothing marks as such: JSON, a list in Python, or a name above JSON, from the beginning of a line to the end of the reply,
 * perhaps in a fence. Words may come before them. Only the name of a tool makes a call of it, for JSON and code are answers, too.
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
		const found = readAt(reply, at, stop, at === first);
		if (typeof found === 'object') return found;
		line.lastIndex = Math.max(found ?? 0, at + 1);
		if (!line.test(reply.text) || line.lastIndex >= stop) return undefined;
		at = line.lastIndex;
	}
	return undefined;
}

/** Places in one reply that are tried: many more than a model has reasons for. */
const maxAttempts = 100;

/** @returns calls or a problem; where to go on if what is here is something else that was read whole */
function readAt(
	reply: ReplyText,
	at: number,
	stop: number,
	isFirst: boolean
): UntaggedReading | number | undefined {
	const { text } = reply;
	const fence = /^```([\w-]*)[ \t]*\n?/.exec(text.slice(at, at + 40));
	// A fence says of what is in it what it is; calls are in those for JSON, or in one that says nothing.
	if (fence && !/^(?:json|tool_calls?|function_calls?|)$/i.test(fence[1]!)) return undefined;
	const inside = fence ? reply.skipSpace(at + fence[0].length) : at;
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
	if (reply.skipSpace(end) < stop)
		return isMeant && !reply.takesAnyName
			? { start: at, problem: `a call of ${found.calls[0]!.name} in the midst of words` }
			: end;
	if (isMeant) return { start: at, calls: found.calls, ...(value.ok && thoughtIn(value.value)) };
	const unknown = found.calls.find(({ name }) => !reply.mayBeTool(name))?.name ?? '';
	return /^[A-Za-z_][\w.-]*$/.test(unknown) && isFirst && beginning(reply, inside, true)
		? { start: at, problem: `calls ${unknown}, and there is no such tool` }
		: end;
}

function readList(reply: ReplyText, { at, inside, stop }: Place): UntaggedReading | number | undefined {
	const { text } = reply;
	const afterBracket = text[reply.skipSpace(inside + 1)] ?? '';
	if (/[A-Za-z_]/.test(afterBracket)) {
		const found = readPythonCalls(reply, inside);
		if (found === undefined) return undefined;
		if (typeof found === 'string') return { start: at, problem: found };
		const end = reply.after(['```'], found.end) ?? found.end;
		if (reply.skipSpace(end) < stop)
			return { start: at, problem: `a call of ${found.calls[0]?.name} in the midst of words` };
		return { start: at, calls: found.calls };
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
	const end = reply.after(closers, found.end) ?? found.end;
	return reply.skipSpace(end) < stop
		? { start: at, problem: `a call of ${found.calls[0]!.name} in the midst of words` }
		: { start: at, calls: found.calls };
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
	if (lines) {
		const end = reply.after(['```'], lines.end) ?? lines.end;
		return reply.skipSpace(end) < stop
			? { start: at, problem: `a call of ${name} in the midst of words` }
			: { start: at, calls: lines.calls };
	}
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
