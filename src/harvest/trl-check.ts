import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Problem, Row } from './format.ts';

/** The row if TRL takes it as it is, else what is wrong with it. */
export function checked(row: JsonObject): [Row] | Problem[] {
	const problems = [...problemsOf(row)];
	return problems.length > 0 ? problems.map((problem) => ({ problem })) : [{ row }];
}

const answers = ['completion', 'chosen', 'rejected'];

function* problemsOf(row: JsonObject): Generator<string> {
	if ('label' in row && typeof row['label'] !== 'boolean') yield 'label is not a boolean';
	const prompt = listAt(row, 'prompt');
	const last = prompt.at(-1)?.['role'];
	if ('prompt' in row && last !== 'user' && last !== 'tool')
		yield `prompt ends with ${last === undefined ? 'nothing' : `a message of role ${String(last)}`}, not user or tool`;
	for (const column of answers.filter((name) => name in row)) {
		const answer = listAt(row, column);
		if (answer.length !== 1 || answer[0]!['role'] !== 'assistant')
			yield `${column} is not one assistant message`;
		yield* conversationProblems(column, [...prompt, ...answer], prompt.length);
	}
	if ('prompt' in row) yield* conversationProblems('prompt', prompt);
	if ('messages' in row) yield* conversationProblems('messages', listAt(row, 'messages'));
}

/** @param from messages before this one are only what the others may refer to */
function* conversationProblems(column: string, messages: readonly JsonObject[], from = 0): Generator<string> {
	const ids = new Set<Json | undefined>();
	for (const [index, message] of messages.entries()) {
		const place = `${column}, message ${index}`;
		const calls = listAt(message, 'tool_calls');
		const isNew = index >= from;
		if (isNew && typeof message['content'] !== 'string') yield `${place}: content is not a string`;
		if (isNew && calls.length > 1) yield `${place}: more than one tool call`;
		for (const call of calls) {
			const made = call['function'];
			if (isNew && !isJsonObject(isJsonObject(made) ? made['arguments'] : undefined))
				yield `${place}: arguments are not an object`;
			ids.add(call['id']);
		}
		if (isNew && message['role'] === 'tool' && !ids.has(message['tool_call_id']))
			yield `${place}: answers no earlier call`;
	}
}

function listAt(row: JsonObject, key: string): readonly JsonObject[] {
	const list = row[key];
	return Array.isArray(list) ? (list as readonly JsonObject[]) : [];
}
