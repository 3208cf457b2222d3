import { isJsonObject, jsonText, type Json, type JsonObject } from '../../base/json.ts';
import { BrokenReplyError } from './faults.ts';
import { excerpt } from './reply-bodies.ts';
import type { WireCall } from './wire-messages.ts';

/**
 * The entries of `tool_calls` in a message or delta, and a `function_call` of the API's first form.
 * @throws {BrokenReplyError} if there is something that cannot be a call
 */
export function callEntries({ tool_calls: calls, function_call: legacy }: JsonObject): JsonObject[] {
	const isAbsent = calls === undefined || calls === null || calls === '' || calls === false;
	const listed = isAbsent ? [] : Array.isArray(calls) ? (calls as readonly Json[]) : [calls];
	return [...listed, legacy ?? null].flatMap((entry) => {
		if (entry === null) return [];
		if (isJsonObject(entry) && ['function', 'name', 'arguments', 'id'].some((key) => key in entry))
			return [entry];
		throw new BrokenReplyError(
			`the server sent something that is not a tool call: ${excerpt(jsonText(entry))}`
		);
	});
}

/** A call that came in one piece. */
export function wholeCall(entry: JsonObject): WireCall {
	const { name, arguments: args } = functionIn(entry);
	return {
		function: { ...(typeof name === 'string' && { name }), ...(args !== undefined && { arguments: args }) }
	};
}

/** Some gateways leave out the object around name and arguments. */
function functionIn(entry: JsonObject): JsonObject {
	return isJsonObject(entry['function']) ? entry['function'] : entry;
}

/** What one delta of a stream brings of a call. What is missing is empty. */
interface CallPiece {
	readonly id: string;
	/** Any number at all. */
	readonly index: number | bigint | undefined;
	readonly name: string;
	readonly arguments: string;
}

type GatheredCall = { -readonly [Member in keyof CallPiece]: CallPiece[Member] };

/**
 * Puts the calls of a streamed reply together. A piece belongs to the call with its id; one without an id to the latest call with its
 * index; one without either to the latest of all. A new id begins a call, and so does a name that comes when the call before has its
 * arguments: some servers number all calls alike. What belongs nowhere becomes a call without a name, which is told of; pieces of two
 * calls are never put together.
 */
export class StreamedCalls {
	/** In the order in which they began. */
	readonly #calls: GatheredCall[] = [];

	/** The calls so far. */
	get calls(): WireCall[] {
		return this.#calls
			.filter(({ name, arguments: args }) => name !== '' || args !== '')
			.map(({ name, arguments: args }) => ({ function: { name, arguments: args } }));
	}

	add(entry: JsonObject): void {
		const piece = pieceOf(entry);
		const call = this.#find(piece);
		if (!call || beginsAnother(piece, call)) this.#calls.push({ ...piece });
		else if (!isRepeated(piece, call)) {
			call.id ||= piece.id;
			call.index = piece.index ?? call.index;
			if (piece.name !== call.name) call.name += piece.name;
			call.arguments += piece.arguments;
		}
	}

	#find(piece: CallPiece): GatheredCall | undefined {
		const { id, index, name, arguments: args } = piece;
		const known = id === '' ? undefined : this.#calls.findLast((call) => call.id === id);
		if (known) return known;
		const call =
			this.#calls.findLast((call) => call.index === index && index !== undefined) ?? this.#last(piece);
		if (id === '' || !call) return call;
		// A new id without a name: it came late, or every piece has one of its own.
		const isLate = call.id === '';
		const isOneOfMany = args !== '' && call.name !== '' && !isWhole(call.arguments);
		return name === '' && (isLate || isOneOfMany) ? call : undefined;
	}

	/** The latest call, if the piece can be of no other. */
	#last({ index, name }: CallPiece): GatheredCall | undefined {
		const last = this.#calls.at(-1);
		// Some servers give a call another index once it has begun.
		if (index !== undefined) return name === '' && last?.arguments === '' ? last : undefined;
		const isOpen = ({ arguments: begun }: CallPiece) => begun !== '' && !isWhole(begun);
		return this.#calls.slice(0, -1).some(isOpen) ? undefined : last;
	}
}

function pieceOf(entry: JsonObject): CallPiece {
	const { id, index } = entry;
	const { name, arguments: args } = functionIn(entry);
	return {
		id: typeof id === 'string' ? id : id === undefined || id === null ? '' : jsonText(id),
		index: typeof index === 'number' || typeof index === 'bigint' ? index : undefined,
		name: typeof name === 'string' ? name : '',
		arguments: typeof args === 'string' ? args : args === undefined || args === null ? '' : jsonText(args)
	};
}

/** A name is repeated, or goes on, only until the call has its arguments. */
function beginsAnother(piece: CallPiece, call: CallPiece): boolean {
	if (piece.name === '' || call.arguments === '' || isRepeated(piece, call)) return false;
	return piece.name !== call.name || (piece.arguments.trim() !== '' && isWhole(call.arguments));
}

/** Some servers end with the whole call once more. */
function isRepeated({ id, arguments: args }: CallPiece, call: CallPiece): boolean {
	return id !== '' && id === call.id && args === call.arguments && isWhole(args);
}

/** Whether a call's arguments have come to their end. */
function isWhole(args: string): boolean {
	try {
		return args.trimEnd().endsWith('}') && isJsonObject(JSON.parse(args));
	} catch {
		return false;
	}
}
