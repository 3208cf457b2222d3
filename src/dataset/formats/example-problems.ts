import { isJsonObject, type Json } from '../../base/json.ts';
import type { AssistantMessage, Message, ToolCall } from '../../dialogue/message.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { thoughtOf } from '../thoughts.ts';

/**
 * What keeps every trainer from learning an example, whatever its columns are called there. Each problem names its place:
 * `completion, message 4: more than one tool call`.
 */
export function* exampleProblems(example: TrainingExample): Generator<string> {
	if (example.kind === 'kto' && typeof example.label !== 'boolean') yield 'label is not a boolean';
	if (example.kind !== 'sft') {
		const last = example.prompt.at(-1)?.role;
		// TRL renders any other end without the words that ask the model for an answer, or refuses it (data_utils.py).
		if (last !== 'user' && last !== 'tool')
			yield `prompt ends with ${last ? `a message of role ${last}` : 'nothing'}, not user or tool`;
	}
	for (const [name, { role }] of answersOf(example)) {
		if (role !== 'assistant') yield `${name} is not one assistant message`;
	}
	for (const { place, ...placed } of messagesOf(example)) {
		for (const problem of messageProblems(placed)) yield `${place}: ${problem}`;
	}
}

/** A message of an example where it stands. */
export interface PlacedMessage {
	/** For people: the part of the example and the number in the whole conversation, e.g. `chosen, message 4`. */
	readonly place: string;
	readonly index: number;
	readonly message: Message;
	readonly before: Message | undefined;
	readonly after: Message | undefined;
}

/** Each message of an example once. */
export function* messagesOf(example: TrainingExample): Generator<PlacedMessage> {
	yield* placed(example.kind === 'sft' ? 'messages' : 'prompt', contextOf(example));
	for (const [name, answer] of answersOf(example)) {
		const prompt = contextOf(example);
		yield* placed(name, [...prompt, answer], prompt.length);
	}
}

function* placed(name: string, messages: readonly Message[], from = 0): Generator<PlacedMessage> {
	for (let index = from; index < messages.length; index++) {
		const message = messages[index]!;
		const [before, after] = [messages[index - 1], messages[index + 1]];
		yield { place: `${name}, message ${index}`, index, message, before, after };
	}
}

/** The prompt; of SFT the whole conversation. */
export function contextOf(example: TrainingExample): readonly Message[] {
	return example.kind === 'sft' ? example.messages : example.prompt;
}

/** The messages that are judged, by the names that the examples have for them. Of SFT there are none. */
export function answersOf(example: TrainingExample): readonly (readonly [string, AssistantMessage])[] {
	switch (example.kind) {
		case 'sft':
			return [];
		case 'kto':
			return [['completion', example.completion]];
		case 'dpo':
			return [
				['chosen', example.chosen],
				['rejected', example.rejected]
			];
	}
}

export function callsOf(message: Message | undefined): readonly ToolCall[] {
	return message?.role === 'assistant' ? (message.tool_calls ?? []) : [];
}

/**
 * A call and its answer stand together, for chat templates and most formats have no ids; and there is one call a message, since Llama
 * 3's template raises at a second.
 */
function* messageProblems({ message, before, after }: Omit<PlacedMessage, 'place'>): Generator<string> {
	if (typeof message.content !== 'string') yield 'content is not a string';
	else if (!isWhole(message.content)) yield 'content holds half a character';
	if (!isWhole(thoughtOf(message) ?? '')) yield 'thoughts hold half a character';
	const calls = callsOf(message);
	if (calls.length > 1) yield 'more than one tool call';
	for (const { function: made } of calls) {
		if (!isJsonObject(made.arguments)) yield 'arguments are not an object';
		else if (!isWhole(made.arguments)) yield 'arguments hold half a character';
	}
	if (calls.length > 0 && after && after.role !== 'tool') yield 'its call has no answer';
	if (message.role !== 'tool') return;
	const call = callsOf(before).find(({ id }) => id === message.tool_call_id);
	if (!call) yield 'answers no call of the message before it';
	else if (call.function.name !== message.name)
		yield `answers a call of ${call.function.name} as ${message.name}`;
}

const halfCharacter = /\p{Surrogate}/u;

/** JSON can hold half of a surrogate pair, UTF-8 cannot: pyarrow refuses the whole file for it. */
function isWhole(value: Json): boolean {
	if (typeof value === 'string') return !halfCharacter.test(value);
	if (Array.isArray(value)) return value.every(isWhole);
	if (!isJsonObject(value)) return true;
	return Object.entries(value).every(([key, member]) => isWhole(key) && isWhole(member));
}
