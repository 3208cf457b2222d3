import { readJson, skipSpace, type JsonReading } from '../base/json-read.ts';
import { isJsonObject, JsonText, jsonText, type JsonObject } from '../base/json.ts';
import { asWritten, writeArguments, type CallArguments } from './call-arguments.ts';
import type { ReplyProblem, Span } from './syntax/read-reply.ts';

/** What the paper's ReAct agent may say: think, make a call, speak to the user. */
export type ReactCommand =
	| { readonly kind: 'plan' | 'speak'; readonly text: string }
	| ({ readonly kind: 'apicall'; readonly name: string } & CallArguments);

export interface ReactReply {
	readonly commands: readonly ReactCommand[];
	/** Where each command was written, its end mark included. Offsets into `text`. */
	readonly spans: readonly Span[];
	/** The text outside `spans`: each piece trimmed, empty ones left out, joined by line breaks. */
	readonly content: string;
	readonly problems: readonly ReplyProblem[];
	/** What was read: the given text, or with `published` what its clean-up left of it. */
	readonly text: string;
}

const commandEnd = '<COMMAND_END>';

/**
 * Commands as the agent writes them, one after the other. What was written is read back, unless a text holds the end mark or a line
 * that begins with a command word.
 */
export function writeReact(commands: readonly ReactCommand[]): string {
	return commands.map((command) => `${written(command)} ${commandEnd}`).join(' ');
}

function written(command: ReactCommand): string {
	if (command.kind !== 'apicall') return `${command.kind.toUpperCase()} ${command.text}`;
	return `APICALL ${jsonText({ name: command.name, parameters: new JsonText(writeArguments(command)) })}`;
}

/**
 * Reads the commands in a reply. A command begins with its word at the start of the text, of a line, or after the end mark, and goes
 * on to the end mark or the next command. Never throws and never loses text: what is not a valid command stays in `content`.
 *
 * @param options.quirks `published` follows the paper's code (section 5): end marks, line breaks and backslashes are deleted first
 *   (Q14) and a command begins wherever its word occurs, in prose and JSON too. `fixed`, the default, does neither.
 */
export function parseReact(
	text: string,
	options: { readonly quirks?: 'published' | 'fixed' } = {}
): ReactReply {
	const published = options.quirks === 'published';
	const read = published
		? text
				.replaceAll(commandEnd, '')
				.trim()
				.replace(/[\n\\]/g, '')
		: text;
	const commands: ReactCommand[] = [];
	const spans: Span[] = [];
	const problems: ReplyProblem[] = [];
	const rest: string[] = [];
	const keep = (start: number, end: number) => {
		const piece = read.slice(start, end).trim();
		if (piece !== '') rest.push(piece);
	};

	const begins = published ? wordFrom : commandFrom;
	let at = 0;
	while (at < read.length) {
		const begin = begins(read, at);
		keep(at, begin?.index ?? read.length);
		if (!begin) break;
		const start = begin.index;
		const body = start + begin[0].length;
		const apicall = begin[0] === 'APICALL' ? (published ? readPublished : readCall)(read, body) : undefined;
		// A word inside the JSON of a valid call begins no command.
		const from = typeof apicall === 'object' ? apicall.end : body;
		const next = begins(read, from)?.index ?? read.length;
		// Looked for in this piece only: a search to the end for every command would take quadratic time.
		const mark = read.slice(from, next).indexOf(commandEnd);
		const until = mark >= 0 ? from + mark : next;
		const end = mark >= 0 ? until + commandEnd.length : next;
		if (typeof apicall === 'string') {
			problems.push({ message: `APICALL at offset ${start}: ${apicall}`, start, end });
			keep(start, end);
		} else if (apicall) {
			commands.push(apicall.command);
			const spent = mark >= 0 && read.slice(apicall.end, until).trim() === '' ? end : apicall.end;
			spans.push({ start, end: spent });
			keep(spent, end);
		} else {
			const kind = begin[0] === 'PLAN' ? 'plan' : 'speak';
			commands.push({ kind, text: read.slice(body, until).trim() });
			spans.push({ start, end });
		}
		at = end;
	}
	return { commands, spans, content: rest.join('\n'), problems, text: read };
}

const word = /\b(?:PLAN|APICALL|SPEAK)\b/g;

function wordFrom(text: string, from: number): RegExpExecArray | null {
	word.lastIndex = from;
	return word.exec(text);
}

/** The next word at the start of the text, of a line, or after the end mark. */
function commandFrom(text: string, from: number): RegExpExecArray | null {
	for (let found = wordFrom(text, from); found; found = wordFrom(text, word.lastIndex)) {
		let before = found.index;
		while (before > 0 && ' \t'.includes(text[before - 1]!)) before--;
		if (before === 0 || '\r\n'.includes(text[before - 1]!) || text.endsWith(commandEnd, before)) return found;
	}
	return null;
}

type Apicall = Extract<ReactCommand, { kind: 'apicall' }>;

/** The call after the word, or what is wrong with it. */
function readCall(text: string, from: number): { readonly command: Apicall; readonly end: number } | string {
	let at = skipSpace(text, from);
	if (text[at] === ':') at = skipSpace(text, at + 1);
	if (text[at] !== '{') return `expected a JSON object at offset ${at}`;
	const reading = readJson(text, at);
	if (!reading.ok) return `expected ${reading.expected} at offset ${reading.at}`;
	const command = callIn(reading);
	return typeof command === 'string' ? command : { command, end: reading.end };
}

/** As the paper's code does: from the first brace to the last of this command. */
function readPublished(text: string, from: number): ReturnType<typeof readCall> {
	const until = wordFrom(text, from)?.index ?? text.length;
	const first = text.indexOf('{', from);
	const last = text.lastIndexOf('}', until - 1);
	if (first < 0 || last < first) return 'expected a JSON object';
	const reading = readJson(text.slice(first, last + 1), 0);
	if (!reading.ok || reading.end !== last + 1 - first) return 'expected one valid JSON object';
	const command = callIn(reading);
	return typeof command === 'string' ? command : { command, end: last + 1 };
}

function callIn(reading: Extract<JsonReading, { ok: true }>): Apicall | string {
	const value = reading.value as JsonObject;
	const member = (key: string) => (Object.hasOwn(value, key) ? value[key] : undefined);
	const name = member('name');
	const parameters = member('parameters');
	if (typeof name !== 'string' || name === '') return 'expected "name" to be a text that is not empty';
	if (!isJsonObject(parameters)) return 'expected "parameters" to be an object';
	return { kind: 'apicall', name, ...asWritten(parameters, reading.members.get('parameters')!) };
}
