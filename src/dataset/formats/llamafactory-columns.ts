import { isJsonObject, JsonText, jsonText, type Json, type JsonObject } from '../../base/json.ts';
import { writeArguments } from '../../dialogue/call-arguments.ts';
import type { Message } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { answersOf, callsOf, contextOf, messagesOf } from './example-problems.ts';

/*
 * LLaMA-Factory's `sharegpt` form (data/converter.py): `human` or `observation`, then `gpt` or `function_call`, and so on, each
 * `{from, value}`; a system message first has a column of its own. What breaks the turns it leaves out without an error, so such
 * examples are problems here; an agent that greets before it is spoken to is one. A `function_call` has no place for words: those
 * beside a call are left out of the conversation, as LLaMA-Factory itself does where it reads OpenAI's form. Not so of a message that is
 * judged: it would no longer be what was judged.
 */

/** The columns `conversations` and `system`. */
export function conversationColumns(messages: readonly Message[]): JsonObject {
	const [first, ...rest] = messages;
	return first?.role === 'system'
		? { conversations: rest.map(conversationCell), system: first.content }
		: { conversations: messages.map(conversationCell), system: '' };
}

export function conversationCell(message: Message): JsonObject {
	const [call] = callsOf(message);
	if (!call) return { from: speakers[message.role], value: message.content };
	const written = { name: call.function.name, arguments: new JsonText(writeArguments(call.function)) };
	return { from: 'function_call', value: jsonText(written) };
}

const speakers = { system: 'system', user: 'human', tool: 'observation', assistant: 'gpt' } as const;

/** JSON text. */
export function toolsText(tools: readonly ToolSpec[]): string {
	return jsonText(
		tools.map(({ name, description, parameters }) => ({
			name,
			description,
			parameters: printableParameters(parameters)
		}))
	);
}

/*
 * The default tool prompt (data/tool_utils.py, `DefaultToolUtils`) is a text with a line for each property; prompts of model families that
 * have a form of their own are the schema as JSON. What the default one cannot print raises, and stops the training. So schemas are
 * written in a form that means the same and that it can print.
 */

/** It reads `properties` of every tool, each an object, and looks for names in `required`. */
function printableParameters(parameters: JsonObject): JsonObject {
	const { properties, required } = parameters;
	const printable = Object.entries(isJsonObject(properties) ? properties : {}).map(
		([name, schema]) => [name, printableProperty(schema)] as const
	);
	const { required: _, ...others } = parameters;
	return {
		...(required === undefined || Array.isArray(required) ? parameters : others),
		properties: Object.fromEntries(printable)
	};
}

/**
 * It joins the values of `enum` and asks `items` for a type. Where these are not texts and not an object, they move into `allOf`, which it
 * does not read; the values are then told in the description, in the words that it has for them.
 */
function printableProperty(schema: Json): JsonObject {
	// `true` takes any value, `false` none.
	if (!isJsonObject(schema)) return schema === false ? { not: {} } : {};
	const { enum: values, items, ...others } = schema;
	const keepsValues =
		!values || (Array.isArray(values) && values.every((value) => typeof value === 'string'));
	const keepsItems = !items || isJsonObject(items);
	if (keepsValues && keepsItems) return schema;
	const { description, allOf } = schema;
	return {
		...others,
		...(keepsValues
			? values !== undefined && { enum: values }
			: { description: [description, `should be one of [${listed(values)}]`].filter(Boolean).join(', ') }),
		...(keepsItems && items !== undefined && { items }),
		allOf: [
			...(Array.isArray(allOf) ? (allOf as readonly Json[]) : []),
			{ ...(!keepsValues && { enum: values }), ...(!keepsItems && { items }) }
		]
	};
}

function listed(values: Json): string {
	return [values]
		.flat()
		.map((value) => (typeof value === 'string' ? value : jsonText(value as Json)))
		.join(', ');
}

export function* llamafactoryProblems(example: TrainingExample): Generator<string> {
	const context = contextOf(example);
	const first = context[0]?.role === 'system' ? 1 : 0;
	for (const { place, index, message } of messagesOf(example)) {
		if (index < first) continue;
		const isAnswer = (index - first) % 2 === 1;
		const answers = message.role === 'assistant';
		if (message.role === 'system' || answers !== isAnswer) {
			const wanted = isAnswer ? 'the assistant' : 'a user or a tool';
			yield `${place}: of role ${message.role} where LLaMA-Factory wants ${wanted}`;
			break;
		}
	}
	if (example.kind === 'sft' && context.at(-1)?.role !== 'assistant')
		yield 'messages do not end with the assistant, as LLaMA-Factory wants it';
	for (const [name, answer] of answersOf(example)) {
		if (callsOf(answer).length > 0 && answer.content.trim() !== '')
			yield `${name}: LLaMA-Factory has no place for words beside a call`;
	}
	if (
		example.kind === 'dpo' &&
		jsonText(conversationCell(example.chosen)) === jsonText(conversationCell(example.rejected))
	)
		yield 'chosen and rejected differ only in what LLaMA-Factory has no place for';
	// It tells good from bad by which of two texts is empty (data/processor/feedback.py).
	if (example.kind === 'kto' && callsOf(example.completion).length === 0 && example.completion.content === '')
		yield 'completion: LLaMA-Factory takes no empty one';
}
