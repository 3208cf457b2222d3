import { jsonText, type JsonRecord, type JsonSource } from '../base/json.ts';
import { readChatml } from './chatml.ts';
import {
	ChatFormatError,
	isBoolean,
	isList,
	isMessage,
	isRecord,
	isText,
	Members,
	readMessages,
	type Verdict,
	type ReadMessage
} from './read-message.ts';

/** What one record of a file says. */
export interface RecordReading {
	/** The conversation; then what was judged, the better side of a pair first. */
	readonly messages: readonly ReadMessage[];
	/** The other columns that hold something. */
	readonly rest?: JsonRecord;
}

/**
 * A record in one of the forms in which trainers take conversations: `messages`; `prompt` and `completion` or `chosen` and `rejected`,
 * messages or text; OpenAI's `input` and `preferred_output`; ShareGPT's `conversations`, with or without `system`; labels as `label`
 * or `kto_tag`. A list of messages is a conversation, and so is the one column that is such a list, whatever its name.
 * @throws {ChatFormatError}
 */
export function readRecord(record: JsonSource): RecordReading {
	if (isList(record) && isConversation(record)) return { messages: readMessages(record) };
	if (!isRecord(record)) throw new ChatFormatError('it is not an object');
	const columns = new Members(record);
	const input = takeInput(columns);
	const isHermes = hasHermesTexts(columns);
	const read = (rows: readonly JsonSource[]) => readMessages(rows, { isHermes });

	const answer = (...keys: readonly string[]) => takeRows(columns, isHermes, ...keys);
	const context = takeContext(columns, input);
	const completion = answer('completion');
	const sides = [answer('chosen', 'preferred_output'), answer('rejected', 'non_preferred_output')];
	if (!context && !sides.some((side) => side)) {
		const names = Object.keys(record).join(', ') || 'none';
		throw new ChatFormatError(
			`it has no list "messages" (or "prompt" and "completion") or any other conversation; its columns: ${names}`
		);
	}
	// Read as one, so that an answer finds its call.
	const whole = (side: readonly JsonSource[] = []) => read([...(context ?? []), ...side]);
	const said = whole(completion);
	const length = whole().length;
	const [chosen, rejected] = sides.map((side) => side && withoutStart(whole(side).slice(length), whole()));
	const shared = context ? 0 : sharedLength(chosen, rejected);

	const label = takeLabel(columns, said.at(-1));
	const judgedFrom = completion ? length : said.length - 1;
	const others = { ...input?.rest(), ...columns.rest() };
	return {
		messages: [
			...said.map((message, index) => (index >= judgedFrom ? marked(message, label) : message)),
			...(chosen ?? rejected ?? []).slice(0, shared),
			...(chosen ?? []).slice(shared).map((message) => marked(message, 'chosen')),
			...(rejected ?? []).slice(shared).map((message) => marked(message, 'rejected'))
		],
		...(Object.keys(others).length > 0 && { rest: others })
	};
}

/** Whether a list is one of messages; an empty one is not. */
export function isConversation(list: readonly JsonSource[]): boolean {
	return list.length > 0 && list.every(isMessage);
}

/** What OpenAI's preference files have the conversation in. */
function takeInput(columns: Members): Members | undefined {
	const input = columns.get('input');
	if (!isRecord(input) || !isList(input['messages'])) return undefined;
	columns.take('input', isRecord);
	return new Members(input);
}

const names = ['messages', 'conversations'] as const;

/** What comes before the answers. */
function takeContext(columns: Members, input: Members | undefined): readonly JsonSource[] | undefined {
	const own = input?.take('messages', isList);
	if (own) return own;
	for (const name of names) {
		const list = columns.take(name, isList);
		if (list) return [...systemRow(columns), ...list];
	}
	const prompt = takeRows(columns, false, 'prompt');
	if (prompt) return [...systemRow(columns), ...prompt];
	if (columns.has('chosen') || columns.has('preferred_output')) return undefined;
	const [only, ...more] = columns.entries().filter(([, value]) => isList(value) && isConversation(value));
	return only && more.length === 0 ? columns.take(only[0], isList) : undefined;
}

/** LLaMA-Factory has the system message in a column of its own. */
function systemRow(columns: Members): JsonSource[] {
	const system = columns.take('system', isText);
	return system ? [{ role: 'system', content: system }] : [];
}

/**
 * The first of these columns: a list of messages, one message, or text, a prompt perhaps in ChatML.
 * @param isChatml an answer is the rest of such a prompt
 */
function takeRows(
	columns: Members,
	isChatml: boolean,
	...keys: readonly string[]
): readonly JsonSource[] | undefined {
	for (const key of keys) {
		const list = columns.take(key, isList);
		if (list) return list;
		const one = columns.take(key, isRecord);
		if (one) return [one];
		const text = columns.take(key, isText);
		if (text === undefined) continue;
		if (key === 'prompt') return readChatml(text) ?? [{ role: 'user', content: text }];
		return [{ role: 'assistant', content: isChatml ? text.replace(/<\|im_end\|>\n?$/, '') : text }];
	}
	return undefined;
}

/**
 * Axolotl's files for DPO, which have one message for each side, and for KTO, which have ChatML, hold calls as Hermes text; so does
 * ShareGPT where it has no speaker of its own for calls, as in the Hermes data sets.
 */
function hasHermesTexts(columns: Members): boolean {
	if (isRecord(columns.get('chosen')) && isList(columns.get('messages'))) return true;
	const prompt = columns.get('prompt');
	if (isText(prompt)) return readChatml(prompt) !== undefined;
	const list = columns.get('conversations');
	const speakers = isList(list) ? list.map((row) => (isRecord(row) ? row['from'] : undefined)) : [];
	return (
		speakers.length > 0 &&
		!columns.has('system') &&
		speakers.every((speaker) => isText(speaker) && ['system', 'human', 'gpt', 'tool'].includes(speaker))
	);
}

/** `true` or `false` of what the agent said last. */
function takeLabel(columns: Members, judged: ReadMessage | undefined): Verdict | undefined {
	if (judged?.role !== 'assistant') return undefined;
	const label = columns.take('label', isBoolean) ?? columns.take('kto_tag', isBoolean);
	return label === undefined ? undefined : label ? 'good' : 'bad';
}

function marked(message: ReadMessage, verdict: Verdict | undefined): ReadMessage {
	return verdict ? { ...message, verdict } : message;
}

/** Some files repeat the prompt in each side. */
function withoutStart(side: readonly ReadMessage[], start: readonly ReadMessage[]): readonly ReadMessage[] {
	const repeats =
		side.length > start.length && start.every((one, index) => textOf(one) === textOf(side[index]!));
	return repeats ? side.slice(start.length) : side;
}

/** Of two whole conversations, what comes before they part; each keeps its last message. */
function sharedLength(a: readonly ReadMessage[] = [], b: readonly ReadMessage[] = []): number {
	const most = Math.min(a.length, b.length) - 1;
	let length = 0;
	while (length < most && textOf(a[length]!) === textOf(b[length]!)) length++;
	return length;
}

function textOf(message: ReadMessage): string {
	return jsonText(message as unknown as JsonRecord);
}
