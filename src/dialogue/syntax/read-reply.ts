import { anyOf } from '../../base/reg-exp.ts';
import { callOf } from '../call-arguments.ts';
import type { ToolCall } from '../message.ts';
import type { ToolSpec } from '../tool.ts';
import { harmonyOpeners, readHarmony } from './harmony.ts';
import { syntaxes } from './index.ts';
import { readNameLines } from './named-json.ts';
import { ReplyText } from './reply-text.ts';
import type { CallSyntax, FoundCall, FoundCalls } from './syntax.ts';
import { answerFrames, frames, thoughtSyntaxes, type ThoughtSyntax } from './thoughts.ts';
import { readUntagged } from './untagged.ts';

export interface ReplyOptions {
	/** The tools of the request: XML-like syntaxes need their schemas, calls without tags their names. Without them every name is taken. */
	readonly tools?: readonly ToolSpec[];
	/** What the prompt had opened when the reply began, e.g. `<think>`. */
	readonly opened?: string;
	/** The id of the syntax that is tried first. */
	readonly syntax?: string;
	/** Call `i` gets the id `idPrefix + i`, from 0. */
	readonly idPrefix?: string;
}

/** Offsets into a reply: from `start` up to, not including, `end`. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

/** Something that is meant as a call and is none; `message` names the offset and what was expected there. */
export interface ReplyProblem extends Span {
	readonly message: string;
}

/** What a model wrote, taken apart. */
export interface ReplyReading {
	/** The text that is neither call nor thought: each piece trimmed, empty ones left out, joined by line breaks. */
	readonly content: string;
	/** Thoughts, without the tags around them; absent if there are none. */
	readonly reasoning?: string;
	readonly toolCalls: readonly ToolCall[];
	readonly problems: readonly ReplyProblem[];
	/** The reply but for its thoughts: what to keep of one that has problems. */
	readonly spoken: string;
	/** What is not words, in order: calls, thoughts and the tokens around them. They do not overlap. */
	readonly spans: readonly Span[];
}

/**
 * Reads what a model wrote: words, thoughts and calls, in whatever syntax (`index.ts`).
 *
 * Never throws and never loses text: what is neither call nor thought, nor a token around them, is in `content`, word for word; what is
 * meant as a call and cannot be read is there, too, and told of in `problems`. Takes linear time.
 */
export function readReply(text: string, options: ReplyOptions = {}): ReplyReading {
	const { tools, syntax, idPrefix = 'call_' } = options;
	// Some models write the tag once more.
	const isRepeated = options.opened !== undefined && text.trimStart().startsWith(options.opened.trim());
	const opened = isRepeated ? '' : (options.opened ?? '');
	const reader = new Reader(new ReplyText(opened + text, tools), syntax);
	return reader.read(opened.length, idPrefix);
}

const thoughts: ReadonlyMap<string, ThoughtSyntax> = new Map(thoughtSyntaxes.map((one) => [one.open, one]));
const thoughtEnds: ReadonlySet<string> = new Set(thoughtSyntaxes.map(({ close }) => close));
const answers: ReadonlyMap<string, string> = new Map(answerFrames);
const frameSet: ReadonlySet<string> = new Set(frames);

const byOpener = new Map<string, CallSyntax[]>();
for (const one of syntaxes)
	for (const opener of one.openers) byOpener.set(opener, [...(byOpener.get(opener) ?? []), one]);

/** Whatever is not simply words begins with one of these. */
const tokens = anyOf(
	[...thoughts.keys(), ...thoughtEnds, ...answers.keys(), ...frames, ...byOpener.keys(), ...harmonyOpeners],
	'g'
);

/** What Functionary says before words, and between parts. */
const wordsPrefix = /\s*all\r?\n/y;
const partMark = '>>>';

/** The end of a header whose beginning is the prompt's. */
const harmonyRest = /\s*(?:to=[\w.-]+)?\s*<\|channel\|>/y;

class Reader {
	readonly #reply: ReplyText;
	readonly #first: string | undefined;
	readonly #calls: FoundCall[] = [];
	readonly #problems: ReplyProblem[] = [];
	readonly #thoughts: string[] = [];
	/** Of thoughts, tags included. */
	readonly #thoughtSpans: Span[] = [];
	/** Of all that is not words, in order. */
	readonly #spans: Span[] = [];
	/** Before the last span. */
	#hasWords = false;
	/** An answer that was opened after a thought, and that this closes. */
	#answerEnd: string | undefined;

	constructor(reply: ReplyText, first: string | undefined) {
		this.#reply = reply;
		this.#first = first;
	}

	/** @param offset characters of the text that are not the reply's */
	read(offset: number, idPrefix: string): ReplyReading {
		const { text } = this.#reply;
		for (let at = this.#readBeginning(0); at < this.#reply.end;) {
			tokens.lastIndex = at;
			const found = tokens.exec(text);
			if (!found || found.index >= this.#reply.end) break;
			at = this.#readToken(found[0], found.index);
		}
		if (this.#calls.length === 0 && this.#problems.length === 0) this.#readUntagged();
		this.#closeAnswer();
		const last = this.#spans.at(-1)?.end ?? 0;
		if (this.#reply.end < text.length) this.#skip(Math.max(last, this.#reply.end), text.length);
		const reasoning = this.#thoughts
			.map((one) => one.trim())
			.filter((one) => one !== '')
			.join('\n\n');
		return {
			content: piecesOutside(text, this.#spans).join('\n'),
			...(reasoning !== '' && { reasoning }),
			toolCalls: this.#calls.map((call, index) => ({
				id: `${idPrefix}${index}`,
				type: 'function',
				function: callOf({ ...call, name: this.#reply.toolNamed(call.name) })
			})),
			problems: this.#problems.map(({ message, ...span }) => ({ message, ...moved(span, offset) })),
			spans: this.#spans.map((span) => moved(span, offset)).filter(({ end }) => end > 0),
			spoken: this.#thoughtSpans.length === 0 ? text.slice(offset) : this.#withoutThoughts()
		};
	}

	/**
	 * What some models begin a reply with and nobody else does: Functionary writes a mark between the parts, and none before the first; the
	 * prompt of gpt-oss ends within the header of the first message.
	 * @returns where to go on
	 */
	#readBeginning(at: number): number {
		wordsPrefix.lastIndex = at;
		if (wordsPrefix.test(this.#reply.text)) return this.#skip(at, wordsPrefix.lastIndex);
		harmonyRest.lastIndex = at;
		if (harmonyRest.test(this.#reply.text)) return this.#readHarmony(at) ?? at;
		const found = readNameLines(this.#reply, at);
		if (typeof found !== 'object' || !this.#reply.has(partMark, found.end)) return at;
		this.#calls.push(...found.calls);
		return this.#skip(at, found.end);
	}

	/** @returns where to go on */
	#readToken(token: string, start: number): number {
		const from = start + token.length;
		if (this.#isQuoted(start, from)) return from;
		const thought = thoughts.get(token);
		if (thought) return this.#readThought(thought, start, from);
		if (thoughtEnds.has(token) && !frameSet.has(token)) return this.#readThoughtEnd(start, from);
		const isCall = byOpener.has(token) ? this.#readCalls(token, start, from) : undefined;
		if (isCall !== undefined) return isCall;
		if (frameSet.has(token)) return this.#skip(start, from);
		const answerEnd = answers.get(token);
		if (answerEnd !== undefined) return this.#readAnswer(start, from, answerEnd);
		const isHarmony = harmonyOpeners.some((one) => one === token);
		return (isHarmony ? this.#readHarmony(start) : undefined) ?? from;
	}

	/** Written about, not written: in backticks. */
	#isQuoted(start: number, end: number): boolean {
		return this.#reply.text[start - 1] === '`' && this.#reply.text[end] === '`';
	}

	#readThought({ close, needsEnd, endsBefore }: ThoughtSyntax, start: number, from: number): number {
		const { text } = this.#reply;
		const found = this.#reply.find(close, from);
		const before = endsBefore === undefined ? -1 : this.#reply.find(endsBefore, from);
		if (before >= 0 && (found < 0 || before < found))
			return this.#think(start, { from, stop: before }, before);
		// Without its end it is one only if nothing was said before: the limit has cut it off.
		if (found < 0 && (needsEnd || this.#saidBefore(start))) return from;
		const stop = found < 0 ? text.length : found;
		return this.#think(start, { from, stop }, found < 0 ? stop : found + close.length);
	}

	/** An end without its beginning: the prompt had opened it, or a server has cut off the tag. */
	#readThoughtEnd(start: number, end: number): number {
		if (this.#spans.length > 0) return end;
		return this.#think(0, { from: 0, stop: start }, end);
	}

	#think(
		start: number,
		{ from, stop }: { readonly from: number; readonly stop: number },
		end: number
	): number {
		this.#thoughts.push(this.#reply.text.slice(from, stop));
		this.#thoughtSpans.push({ start, end });
		this.#skip(start, end);
		return this.#hasWords ? end : this.#readBeginning(end);
	}

	#readAnswer(start: number, from: number, close: string): number {
		if (this.#thoughtSpans.length === 0 || this.#saidBefore(start)) return from;
		this.#answerEnd = close;
		return this.#skip(start, from);
	}

	#closeAnswer(): void {
		const close = this.#answerEnd;
		const end = this.#reply.text.trimEnd().length;
		const start = end - (close?.length ?? 0);
		const isAfterAll = start >= (this.#spans.at(-1)?.end ?? 0);
		if (close !== undefined && isAfterAll && this.#reply.has(close, start)) this.#skip(start, end);
	}

	#readCalls(token: string, start: number, from: number): number | undefined {
		const candidates = byOpener.get(token) ?? [];
		const first = candidates.filter(({ id }) => id === this.#first);
		let problem: string | undefined;
		for (const { read } of [...first, ...candidates]) {
			const reading = read(this.#reply, from);
			if (typeof reading === 'object') return this.#call(token, start, reading);
			problem ??= reading;
		}
		if (problem === undefined) return undefined;
		const end = this.#problemEnd(token, from);
		this.#problems.push({ message: `tool call at offset ${start}: ${problem}`, start, end });
		return end;
	}

	#call(token: string, start: number, { calls, end }: FoundCalls): number {
		const { text } = this.#reply;
		const isFenced = /```\w*\s*$/.exec(text.slice(Math.max(0, start - 30), start));
		// Quoted, not made.
		if (!isFenced && text[start - 1] === '`' && text[end] === '`') return end;
		this.#calls.push(...calls);
		// The opening tag once more, for the closing one.
		const after = this.#reply.after([token], end);
		const whole = after !== undefined && this.#reply.isEnd(after) ? after : end;
		const fenceEnd = isFenced ? this.#reply.after(['```'], whole) : undefined;
		return fenceEnd === undefined
			? this.#skip(start, whole)
			: this.#skip(start - isFenced![0].length, fenceEnd);
	}

	/** Up to the closing tag, the next opener, or the end. */
	#problemEnd(token: string, from: number): number {
		const close = /^<(\w[\w:]*)>$/.exec(token)?.[1];
		const closing = close === undefined ? -1 : this.#reply.find(`</${close}>`, from);
		const next = this.#reply.find(token, from);
		const until = next < 0 ? this.#reply.end : next;
		return closing >= 0 && closing < until ? closing + close!.length + 3 : until;
	}

	#readHarmony(start: number): number | undefined {
		const message = readHarmony(this.#reply, start);
		if (!message) return undefined;
		const { kind, call, problem, end } = message;
		if (kind === 'thought') return this.#think(start, { from: message.start, stop: message.stop }, end);
		if (kind === 'words') {
			this.#skip(start, message.start);
			return this.#skip(message.stop, end);
		}
		if (call) {
			this.#calls.push(call);
			return this.#skip(start, end);
		}
		this.#problems.push({ message: `tool call at offset ${start}: ${problem}`, start, end });
		return end;
	}

	#readUntagged(): void {
		const parts = partsOutside(this.#reply.text.slice(0, this.#reply.end), this.#spans);
		const last = parts.findLast(({ start, end }) => this.#reply.skipSpace(start) < end);
		if (!last || this.#reply.skipSpace(last.start) >= this.#reply.end) return;
		const found = readUntagged(this.#reply, last.start, last.end);
		if (!found) return;
		if ('problem' in found) {
			this.#problems.push({ message: `tool call: ${found.problem}`, start: found.start, end: last.end });
			return;
		}
		this.#calls.push(...found.calls);
		if (found.thought !== undefined) this.#thoughts.push(found.thought);
		this.#skip(found.start, found.end);
		// A frame may stand behind it.
		this.#spans.sort((a, b) => a.start - b.start);
	}

	#skip(start: number, end: number): number {
		this.#hasWords = this.#saidBefore(start);
		this.#spans.push({ start, end });
		return end;
	}

	#saidBefore(at: number): boolean {
		return this.#hasWords || this.#reply.skipSpace(this.#spans.at(-1)?.end ?? 0) < at;
	}

	#withoutThoughts(): string {
		return piecesOutside(this.#reply.text, this.#thoughtSpans).join('\n');
	}
}

function moved({ start, end }: Span, offset: number): Span {
	return { start: Math.max(0, start - offset), end: Math.max(0, end - offset) };
}

function partsOutside(text: string, spans: readonly Span[]): Span[] {
	const starts = [0, ...spans.map(({ end }) => end)];
	return starts.map((start, index) => ({ start, end: spans[index]?.start ?? text.length }));
}

function piecesOutside(text: string, spans: readonly Span[]): string[] {
	return partsOutside(text, spans)
		.map(({ start, end }) => text.slice(start, end).trim())
		.filter((piece) => piece !== '');
}
