import { parseJsonAsWritten } from '../base/json-read.ts';
import { isJsonObject, JsonText, jsonText, type JsonRecord, type JsonSource } from '../base/json.ts';
import { readArguments } from './call-arguments.ts';
import { readReply } from './syntax/read-reply.ts';
import type { Message, ToolCall } from './message.ts';

/** A value is not a conversation in a form that is known; the message says where and why. */
export class ChatFormatError extends Error {
	override readonly name = 'ChatFormatError';
}

/** How a message was judged: a side of a pair, or a label. */
export type Verdict = 'chosen' | 'rejected' | 'good' | 'bad';

/** A message of a file, with what files hold beside role, content and calls. */
export type ReadMessage = Message & {
	readonly verdict?: Verdict;
	/** What was thought before it, whoever spoke. */
	readonly reasoning?: string;
	/** In what words the model would not answer. */
	readonly refusal?: string;
	/** Everything else in it by the name it has there; of content, the parts that are not plain text. */
	readonly rest?: JsonRecord;
};

/** How the messages of one record are written. */
export interface MessageForm {
	/** Calls and results stand in the texts, as Hermes has them. */
	readonly isHermes: boolean;
}

/**
 * The messages in a list: `{role, content, …}` as OpenAI has them, in its older form too, or `{from, value}` as ShareGPT does.
 *
 * Content is a string: missing, it becomes ""; of parts, their text; a tool's answer that is not text stays whole, as JSON. A tool's
 * answer without a name takes that of its call. Nothing is left out: what has no place in a message is in `rest`.
 * @throws {ChatFormatError}
 */
export function readMessages(
	rows: readonly JsonSource[],
	{ isHermes }: MessageForm = { isHermes: false }
): ReadMessage[] {
	const calls = new Calls();
	return rows.flatMap((row, index) => {
		const where = `message ${index + 1}`;
		if (!isRecord(row)) throw new ChatFormatError(`${where} is not an object`);
		const read = readMessage(new Members(row), where, calls);
		const messages = isHermes ? readHermes(read, index, calls) : [read];
		for (const message of messages) if (message.role === 'assistant') calls.add(message.tool_calls ?? []);
		return messages;
	});
}

export function isRecord(value: unknown): value is JsonRecord {
	return isJsonObject(value) && !(value instanceof JsonText);
}

export function isList(value: unknown): value is readonly JsonSource[] {
	return Array.isArray(value);
}

/** The members of an object, until they are taken. */
export class Members {
	readonly #left: Map<string, JsonSource>;

	constructor(record: JsonRecord) {
		this.#left = new Map(Object.entries(record).filter(([, value]) => value !== undefined));
	}

	has(key: string): boolean {
		return this.#left.has(key);
	}

	get(key: string): JsonSource | undefined {
		return this.#left.get(key);
	}

	/** The member if it is of that kind; one of another kind stays. */
	take<Kind extends JsonSource>(key: string, is: (value: JsonSource) => value is Kind): Kind | undefined {
		const value = this.#left.get(key);
		if (value === undefined || !is(value)) return undefined;
		this.#left.delete(key);
		return value;
	}

	/** The first of these that says something; others that say the same go with it. */
	takeText(...keys: readonly string[]): string | undefined {
		const text = keys.map((key) => this.#left.get(key)).find((one) => isText(one) && one !== '');
		for (const key of keys) if (this.#left.get(key) === text) this.#left.delete(key);
		return text as string | undefined;
	}

	entries(): [string, JsonSource][] {
		return [...this.#left];
	}

	/** What was not taken and holds something. */
	rest(): JsonRecord | undefined {
		const held = [...this.#left].filter(([, value]) => holdsSomething(value));
		return held.length > 0 ? Object.fromEntries(held) : undefined;
	}
}

export function isText(value: unknown): value is string {
	return typeof value === 'string';
}

export function isBoolean(value: unknown): value is boolean {
	return typeof value === 'boolean';
}

const isAny = (value: JsonSource): value is JsonSource => value !== undefined;

function holdsSomething(value: JsonSource): boolean {
	if (value === null || value === '') return false;
	if (isList(value)) return value.length > 0;
	return !isRecord(value) || Object.keys(value).length > 0;
}

/** By the name that the one who speaks has in one form or another. */
const speakers: ReadonlyMap<string, Message['role'] | 'call'> = new Map([
	['system', 'system'],
	['developer', 'system'],
	['user', 'user'],
	['human', 'user'],
	['assistant', 'assistant'],
	['gpt', 'assistant'],
	['model', 'assistant'],
	['tool', 'tool'],
	['function', 'tool'],
	['observation', 'tool'],
	['function_response', 'tool'],
	['ipython', 'tool'],
	['function_call', 'call'],
	['tool_call', 'call']
]);

/** What an object must have to be taken for a message. */
export function isMessage(value: JsonSource): boolean {
	if (!isRecord(value)) return false;
	const role = value['role'] ?? value['from'];
	return isText(role) && speakers.has(role.toLowerCase());
}

/** Calls that wait for their answers. */
class Calls {
	readonly #names = new Map<string, string>();
	#waiting: string[] = [];

	add(calls: readonly ToolCall[]): void {
		for (const { id, function: made } of calls) if (id !== '') this.#names.set(id, made.name);
		if (calls.length > 0) this.#waiting = calls.map(({ function: made }) => made.name);
	}

	/** Whose answer comes next, by its id or by its turn. */
	answered(id: string | undefined): string {
		const next = this.#waiting.shift();
		return (id === undefined ? next : this.#names.get(id)) ?? '';
	}
}

function readMessage(members: Members, where: string, calls: Calls): ReadMessage {
	const said = members.take('role', isAny) ?? members.take('from', isAny) ?? null;
	const speaker = isText(said) ? speakers.get(said.toLowerCase()) : undefined;
	if (speaker === undefined) throw new ChatFormatError(`${where} has the role ${jsonText(said)}`);
	const written = members.take('content', isAny) ?? members.take('value', isAny);
	const { content, parts, thought, refused } = readContent(written, speaker === 'tool', where);
	const made =
		speaker === 'call' ? callsIn(content, where) : speaker === 'assistant' ? callsOf(members, where) : [];
	const read = made.map((call) => readCall(call, where));
	const message = spoken(speaker, content, read, members, calls);
	const reasoning = thought ?? members.takeText('reasoning_content', 'reasoning', 'thinking');
	const refusal = refused ?? members.takeText('refusal');
	const more = made.map(moreThanCall).filter((one) => one !== undefined);
	const rest = {
		...(parts.length > 0 && { content: parts }),
		...(more.length > 0 && { tool_calls: more }),
		...members.rest()
	};
	return {
		...message,
		...(reasoning !== undefined && { reasoning }),
		...(refusal !== undefined && { refusal }),
		...(Object.keys(rest).length > 0 && { rest })
	};
}

function spoken(
	speaker: Message['role'] | 'call',
	content: string,
	made: readonly ToolCall[],
	members: Members,
	calls: Calls
): Message {
	switch (speaker) {
		case 'system':
		case 'user':
			return { role: speaker, content };
		case 'call':
			return { role: 'assistant', content: '', tool_calls: made };
		case 'assistant':
			return { role: 'assistant', content, ...(made.length > 0 && { tool_calls: made }) };
		case 'tool': {
			const id = members.take('tool_call_id', isText);
			const answered = calls.answered(id);
			return {
				role: 'tool',
				content,
				tool_call_id: id ?? '',
				name: members.take('name', isText) ?? answered
			};
		}
	}
}

interface Content {
	readonly content: string;
	/** Those that are more than text. */
	readonly parts: readonly JsonSource[];
	readonly thought?: string;
	readonly refused?: string;
}

function readContent(written: JsonSource | undefined, isResult: boolean, where: string): Content {
	if (written === undefined || written === null) return { content: '', parts: [] };
	if (isText(written)) return { content: written, parts: [] };
	const isParts = isList(written) && (!isResult || (written.length > 0 && written.every(isPlainPart)));
	if (isParts) return readParts(written);
	if (isResult) return { content: jsonText(written), parts: [] };
	throw new ChatFormatError(`${where} has content that is not text`);
}

function readParts(written: readonly JsonSource[]): Content {
	const only = (key: string, type: string) =>
		written
			.filter((part) => isRecord(part) && part['type'] === type && isText(part[key]))
			.map((part) => (part as JsonRecord)[key] as string);
	const [thoughts, refusals] = [only('thinking', 'thinking'), only('refusal', 'refusal')];
	const texts = written.map((part) => (isText(part) ? part : isRecord(part) ? part['text'] : undefined));
	const isKnown = (part: JsonSource) =>
		isText(part) ||
		isPlainPart(part) ||
		hasOnly(part, 'text', undefined) ||
		hasOnly(part, 'thinking', 'thinking') ||
		hasOnly(part, 'refusal', 'refusal');
	return {
		content: texts.filter(isText).join(''),
		parts: written.filter((part) => !isKnown(part)),
		...(thoughts.length > 0 && { thought: thoughts.join('') }),
		...(refusals.length > 0 && { refused: refusals.join('') })
	};
}

/** Text, and nothing but text. */
function isPlainPart(part: JsonSource): boolean {
	return ['text', 'input_text', 'output_text'].some((type) => hasOnly(part, 'text', type));
}

/** Whether a part of that type says this and nothing else. */
function hasOnly(part: JsonSource, key: string, type: string | undefined): boolean {
	if (!isRecord(part) || part['type'] !== type || !isText(part[key])) return false;
	return Object.entries(part).every(
		([name, value]) => name === key || name === 'type' || !holdsSomething(value)
	);
}

/** The calls of an assistant's message, in OpenAI's form and in its older one. */
function callsOf(members: Members, where: string): JsonSource[] {
	const listed = members.take('tool_calls', isAny) ?? [];
	if (!isList(listed)) throw new ChatFormatError(`${where} has tool_calls that are not a list`);
	const older = members.take('function_call', isRecord);
	return [...listed, ...(older ? [{ function: older }] : [])];
}

/** What a `function_call` of ShareGPT says: a call as JSON, or a list of them. */
function callsIn(text: string, where: string): readonly JsonSource[] {
	try {
		const value = parseJsonAsWritten(text);
		return isList(value) ? value : [value];
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new ChatFormatError(`${where} has a call that cannot be read: ${reason}`);
	}
}

/** Nested as OpenAI has it, or name and arguments alone. */
function readCall(call: JsonSource, where: string): ToolCall {
	const made = isRecord(call) ? (call['function'] ?? call) : undefined;
	if (!isRecord(call) || !isRecord(made) || !isText(made['name']))
		throw new ChatFormatError(`${where} has a call without a function's name`);
	const { name } = made;
	const args = readArguments(made['arguments'] ?? made['parameters']);
	if (typeof args === 'string')
		throw new ChatFormatError(`${where} calls ${name} with arguments that cannot be read: ${args}`);
	const { id } = call;
	return { id: isText(id) ? id : '', type: 'function', function: { name, ...args } };
}

/** What a call holds beside what was read of it. */
function moreThanCall(call: JsonSource): JsonRecord | undefined {
	const members = new Members(call as JsonRecord);
	const made = members.take('function', isRecord);
	members.take('id', isText);
	if (members.get('type') === 'function') members.take('type', isText);
	const inner = made ? new Members(made) : members;
	inner.take('name', isText);
	inner.take(inner.has('arguments') ? 'arguments' : 'parameters', isAny);
	const [outside, inside] = [members.rest(), made && inner.rest()];
	return outside || inside ? { ...outside, ...(inside && { function: inside }) } : undefined;
}

const oneResponse = /<tool_response>\n?([^]*?)\n?<\/tool_response>/g;
const responses = new RegExp(`^\\s*(?:${oneResponse.source}\\s*)+$`);

/** Calls and results out of the texts of a message. */
function readHermes(message: ReadMessage, index: number, calls: Calls): ReadMessage[] {
	const { content } = message;
	if (message.role === 'assistant') {
		const { content: words, reasoning, toolCalls } = readReply(content, { idPrefix: `call_${index}_` });
		if (toolCalls.length === 0) return [message];
		// Where calls are taken out of the text, what was thought before them would be lost with its tags.
		const thoughts = [message.reasoning, reasoning].filter((one) => one !== undefined);
		return [
			{
				...message,
				content: words,
				...(thoughts.length > 0 && { reasoning: thoughts.join('\n\n') }),
				tool_calls: [...(message.tool_calls ?? []), ...toolCalls]
			}
		];
	}
	if (message.role === 'system' || !responses.test(content)) return [message];
	const { rest } = message;
	return Array.from(content.matchAll(oneResponse), ([, answer], position): ReadMessage => ({
		role: 'tool',
		content: answer!,
		tool_call_id: message.role === 'tool' ? message.tool_call_id : '',
		name: (message.role === 'tool' && position === 0 && message.name) || calls.answered(undefined),
		...(rest && position === 0 && { rest })
	}));
}
