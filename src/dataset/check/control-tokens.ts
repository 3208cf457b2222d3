import { isJsonObject, type Json } from '../../base/json.ts';
import { anyOf } from '../../base/reg-exp.ts';
import type { Message } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { thoughtOf } from '../thoughts.ts';
import { callsOf, messagesOf, type PlacedMessage } from '../formats/example-problems.ts';
import type { ExampleCheck, TargetModel } from './check.ts';

const reason = 'text holds control tokens of the model';

/**
 * No text of a conversation holds what the target's tokenizer takes for a special token: there it would end a message, or begin one of
 * another role. An error where it is to be learnt as good, else a warning.
 */
export function controlTokenCheck(target: TargetModel): ExampleCheck {
	const tokens = [...(target.specialTokens ?? []), ...marksOf(target)];
	if (tokens.length === 0) return { check: () => [] };
	const pattern = anyOf(tokens, 'g');

	/** Each token that is in a text, and how often. */
	const found = (texts: Iterable<string>): string => {
		const counts = new Map<string, number>();
		for (const text of texts)
			for (const [token] of text.matchAll(pattern)) counts.set(token, (counts.get(token) ?? 0) + 1);
		return [...counts].map(([token, count]) => `${token}${count > 1 ? ` ${count} times` : ''}`).join(', ');
	};

	return {
		*check(example, tools) {
			const learnt: string[] = [];
			const elsewhere: string[] = [];
			for (const placed of messagesOf(example)) {
				const tokens = found(textsOf(placed.message));
				if (tokens === '') continue;
				const place = `${placed.place} (${placed.message.role}): ${tokens}`;
				(isLearntAsGood(example, placed) ? learnt : elsewhere).push(place);
			}
			const inTools = found(tools.flatMap(textsOfTool));
			if (inTools !== '') elsewhere.push(`tools: ${inTools}`);
			if (learnt.length > 0) yield { severity: 'error', reason, detail: learnt.join('; ') };
			if (elsewhere.length > 0) yield { severity: 'warning', reason, detail: elsewhere.join('; ') };
		}
	};
}

/** What the template writes between messages, should the tokenizer not be known. */
function marksOf({ chatTemplate }: TargetModel): readonly string[] {
	return chatTemplate.match(/<[|｜][^<>\s'"]+[|｜]>/g) ?? [];
}

function isLearntAsGood(example: TrainingExample, { message, index }: PlacedMessage): boolean {
	if (message.role !== 'assistant') return false;
	switch (example.kind) {
		case 'sft':
			return true;
		case 'kto':
			return example.label && index === example.prompt.length;
		case 'dpo':
			return message === example.chosen;
	}
}

/** All of it that a template may write. */
function* textsOf(message: Message): Generator<string> {
	yield* [message.content, thoughtOf(message) ?? ''];
	if (message.role === 'tool') yield* [message.name, message.tool_call_id];
	for (const { id, function: made } of callsOf(message)) {
		yield* [id, made.name];
		yield* textsIn(made.arguments);
	}
}

function textsOfTool({ name, description, parameters }: ToolSpec): string[] {
	return [name, description, ...textsIn(parameters)];
}

/** The texts in a value, keys included. */
function* textsIn(value: Json): Generator<string> {
	if (typeof value === 'string') yield value;
	else if (Array.isArray(value)) for (const item of value as readonly Json[]) yield* textsIn(item);
	else if (isJsonObject(value))
		for (const [key, member] of Object.entries(value)) yield* [key, ...textsIn(member)];
}
