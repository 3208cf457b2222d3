import { isJsonObject, jsonText, writeJson, type Json } from '../../base/json.ts';
import { writeArguments } from '../../dialogue/call-arguments.ts';
import type { Message, ToolCall } from '../../dialogue/message.ts';
import { writtenArguments } from '../formats/columns.ts';
import { thoughtOf } from '../thoughts.ts';
import { countOf, TemplateText, type Nothing } from './own-words.ts';
import { spellings } from './spellings.ts';
import { templateValue, withNumbers } from './template-numbers.ts';

/** What a chat template did to a conversation on its way into text. */
export interface Damage {
	/** Without what differs from row to row. */
	readonly reason: string;
	readonly detail: string;
	/** Position of the message among those that were looked for; absent if no single one is to blame. */
	readonly at?: number;
	/** Nothing wrong is learnt from it: blanks are gone, or words beside a call. */
	readonly isSlight?: true;
}

/** What a text holds whatever the messages say. */
export interface GivenText {
	/** The tools, the template's own words, as it writes them where nobody has said anything. */
	readonly text: string;
	/** What it may write elsewhere. */
	readonly source: TemplateText;
}

const nothingGiven: GivenText = { text: '', source: new TemplateText('') };

/**
 * What of the messages the text lacks, and what it has that they do not.
 * @param text that a template made of them, and of things before and after
 */
export function* damage(
	text: string,
	messages: readonly Message[],
	given: GivenText = nothingGiven
): Generator<Damage> {
	yield* lost(text, messages);
	yield* introduced(text, messages, given);
	yield* escapedTwice(text, messages);
}

/**
 * Texts keep the order of messages, so each is looked for behind the one before it: a call that is gone is not excused by the list of
 * tools, nor by an earlier call of the same name. The first place that fits is taken, so what is there is always found; within a
 * message order is free. A system message may stand anywhere: Mistral's templates put it before the last words of the user.
 */
function* lost(text: string, messages: readonly Message[]): Generator<Damage> {
	let from = 0;
	for (const [at, message] of messages.entries()) {
		let to = from;
		const find = (spellings: readonly string[]): boolean => {
			const ends = spellings.flatMap((spelling) => {
				const start = text.indexOf(spelling, from);
				return start < 0 ? [] : [start + spelling.length];
			});
			if (ends.length > 0) to = Math.max(to, Math.min(...ends));
			return ends.length > 0;
		};
		const { role, content } = message;
		const calls = callsOf(message);
		if (!find(spellings(content))) {
			const detail = `message ${at} (${role}): ${excerpt(content)}`;
			if (find(spellings(content.trim())))
				yield { reason: 'the chat template trims what a message says', detail, at, isSlight: true };
			else if (calls.length > 0)
				yield { reason: 'the chat template drops words beside a call', detail, at, isSlight: true };
			else yield { reason: 'the chat template drops what a message says', detail, at };
		}
		for (const made of calls) {
			const { name } = made;
			if (!find([name])) yield { reason: 'the chat template drops a call', detail: name, at };
			for (const value of leaves(templateValue(writtenArguments(made)) as Json)) {
				if (find(spellings(value))) continue;
				const detail = `${name}: ${excerpt(withNumbers(jsonText(value)))}`;
				yield { reason: 'the chat template drops an argument', detail, at };
			}
		}
		if (role !== 'system') from = to;
	}
}

/** The values at the bottom of arguments. */
function* leaves(value: Json): Generator<Json> {
	if (isJsonObject(value)) for (const member of Object.values(value)) yield* leaves(member);
	else if (Array.isArray(value)) for (const member of value as readonly Json[]) yield* leaves(member);
	else yield value;
}

/** As templates print what is not there. */
const nothings: readonly Nothing[] = ['null', 'None'];

function* introduced(text: string, messages: readonly Message[], given: GivenText): Generator<Damage> {
	const said = messages
		.map((message) => [message.content, thoughtOf(message) ?? '', ...callsOf(message).map(spelt)].join('\n'))
		.join('\n');
	const nulls = messages
		.flatMap(callsOf)
		.reduce((sum, made) => sum + [...leaves(made.arguments)].filter((value) => value === null).length, 0);
	for (const word of nothings) {
		const count = (one: string) => countOf(word, one, given.source);
		const found = count(text);
		const withNull = Math.min(found.withNull, nulls);
		const surplus = found.all - withNull - count(said).all - count(given.text).all;
		if (surplus > 0)
			yield {
				reason: `the chat template prints ${word} where the conversation has none`,
				detail: `${surplus} times`
			};
	}
}

function* escapedTwice(text: string, messages: readonly Message[]): Generator<Damage> {
	for (const [at, message] of messages.entries()) {
		for (const made of callsOf(message)) {
			const { name } = made;
			const written = [writeArguments(made), writeJson(made.arguments)];
			// A tool's answer may say just the same, and templates may well write answers as JSON strings.
			if (messages.some(({ content }) => written.some((one) => content.includes(one)))) continue;
			const doubled = written.map((one) => JSON.stringify(one).slice(1, -1));
			const found = doubled.find((one) => one.includes('\\"') && text.includes(one));
			if (found !== undefined)
				yield {
					reason: 'the chat template escapes arguments twice',
					detail: `${name}: ${excerpt(found)}`,
					at
				};
		}
	}
}

function callsOf(message: Message): readonly ToolCall['function'][] {
	return message.role === 'assistant' ? (message.tool_calls ?? []).map((call) => call.function) : [];
}

function spelt(made: ToolCall['function']): string {
	return `${made.name} ${writeArguments(made)}`;
}

function excerpt(text: string): string {
	return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
