import type { Json, JsonObject } from '../../src/base/json.ts';
import { readReply } from '../../src/dialogue/syntax/read-reply.ts';
import { hermesToolsSection } from '../../src/dialogue/hermes-write.ts';
import type { AssistantMessage, Message, ToolCall } from '../../src/dialogue/message.ts';
import type { ToolSpec } from '../../src/dialogue/tool.ts';
import type { DpoExample, KtoExample, SftExample } from '../../src/harvest/examples.ts';

/** What a row says. */
export type ReadExample =
	Omit<SftExample, 'origin'> | Omit<KtoExample, 'origin'> | Omit<DpoExample, 'origin'>;

export interface Reading {
	readonly example: ReadExample;
	/** If they have a column of their own. */
	readonly tools?: readonly ToolSpec[];
}

/** Reads a row of one format back, by the rules of whoever takes it and by nothing that the writer does. */
export interface Reader {
	/** The row's columns, in order. */
	readonly columns: readonly string[];
	/** @param tools what the writer was given, for rows that hold them as text */
	read(row: JsonObject, tools: readonly ToolSpec[]): Reading;
	/** What the format cannot hold; ids are then told by place. */
	readonly loses?: {
		readonly ids: true;
		readonly emptySystem?: true;
		words(content: string, place: 'context' | 'answer'): string;
	};
	/** What the format adds to a tool. */
	readonly adds?: (tool: ToolSpec) => ToolSpec;
}

type Cells = readonly JsonObject[];

const objectArguments = (value: Json) => value as JsonObject;
const textArguments = (value: Json) => JSON.parse(value as string) as JsonObject;

function chatMessages(cells: Json | undefined, argumentsOf: (value: Json) => JsonObject): Message[] {
	const names = new Map<string, string>();
	return (cells as Cells).map((cell) => {
		const { role, content = '', tool_calls: calls } = cell as JsonObject & { readonly role: string };
		if (role === 'tool') {
			const id = cell['tool_call_id'] as string;
			return { role, content, tool_call_id: id, name: cell['name'] ?? names.get(id)! } as Message;
		}
		if (!calls) return { role, content } as Message;
		const read = (calls as Cells).map(({ id, type, function: made }): ToolCall => {
			const { name, arguments: args } = made as JsonObject & { readonly name: string };
			names.set(id as string, name);
			return {
				id: id as string,
				type: type as 'function',
				function: { name, arguments: argumentsOf(args!) }
			};
		});
		return { role, content, tool_calls: read } as Message;
	});
}

function chatTools(cells: Json | undefined): ToolSpec[] {
	return ((cells ?? []) as Cells).map((cell) => cell['function'] as unknown as ToolSpec);
}

/** A column that holds one message. */
const only = (messages: readonly Message[]) => {
	if (messages.length !== 1) throw new Error(`${messages.length} messages where one is`);
	return messages[0] as AssistantMessage;
};

const kto = (messages: readonly Message[], label: Json | undefined): ReadExample => ({
	kind: 'kto',
	prompt: messages.slice(0, -1),
	completion: messages.at(-1) as AssistantMessage,
	label: label as boolean
});

function trl(
	columns: readonly string[],
	example: (row: JsonObject, chat: typeof trlChat) => ReadExample
): Reader {
	return {
		columns: [...columns, 'tools', 'meta'],
		read: (row) => ({ example: example(row, trlChat), tools: chatTools(row['tools']) })
	};
}
const trlChat = (cells: Json | undefined) => chatMessages(cells, objectArguments);

const openaiChat = (cells: Json | undefined) => chatMessages(cells, textArguments);

/** LLaMA-Factory: turns by place, a call as JSON, words beside it left out of what is not judged. */
function llamafactory(
	columns: readonly string[],
	example: (
		messages: Message[],
		row: JsonObject,
		answer: (cell: Json | undefined) => AssistantMessage
	) => ReadExample
): Reader {
	return {
		columns: [...columns, 'tools', 'meta'],
		loses: {
			ids: true,
			emptySystem: true,
			words: (content, place) => (place === 'answer' ? content.trim() : '')
		},
		adds: ({ parameters, ...tool }) => {
			const properties = Object.entries((parameters['properties'] ?? {}) as JsonObject);
			return {
				...tool,
				parameters: { ...parameters, properties: Object.fromEntries(properties.map(asDefaultPrompt)) }
			};
		},
		read(row) {
			const system = row['system'] as string;
			const turns: Message[] = system === '' ? [] : [{ role: 'system' as const, content: system }];
			const cells = row['conversations'] as Cells;
			for (const [index, cell] of cells.entries()) {
				const accepted = index % 2 === 0 ? ['human', 'observation'] : ['gpt', 'function_call'];
				if (!accepted.includes(cell['from'] as string))
					throw new Error(`turn ${index} is of ${String(cell['from'])}`);
				turns.push(sharegptTurn(cell, turns));
			}
			if ((cells.length % 2 === 1) !== 'chosen' in row) throw new Error(`${cells.length} turns`);
			const answer = (cell: Json | undefined) => sharegptTurn(cell as JsonObject, turns) as AssistantMessage;
			const tools = JSON.parse(row['tools'] as string) as ToolSpec[];
			return { example: example(turns, row, answer), tools };
		}
	};
}

/** LLaMA-Factory's default tool prompt takes numbers to choose from only in words. */
function asDefaultPrompt([name, schema]: [string, Json]): [string, Json] {
	const { enum: values, ...others } = schema as { readonly [key: string]: Json; readonly enum?: number[] };
	if (!values) return [name, schema];
	const description = `should be one of [${values.join(', ')}]`;
	return [name, { ...others, description, allOf: [{ enum: values }] }];
}

function sharegptTurn({ from, value }: JsonObject, before: readonly Message[]): Message {
	const content = value as string;
	if (from === 'function_call')
		return callMessage('', JSON.parse(content) as ToolCall['function'], before.length);
	if (from === 'observation') return resultMessage(content, before);
	return { role: from === 'human' ? 'user' : 'assistant', content };
}

function callMessage(content: string, made: ToolCall['function'], index: number): AssistantMessage {
	const { name, arguments: args } = made;
	const call = { id: `call_${index}`, type: 'function' as const, function: { name, arguments: args } };
	return { role: 'assistant', content, tool_calls: [call] };
}

/** The answer to the call right before it. */
function resultMessage(content: string, before: readonly Message[]): Message {
	const call = (before.at(-1) as AssistantMessage).tool_calls![0]!;
	return { role: 'tool', content, tool_call_id: call.id, name: call.function.name };
}

/** Texts of a conversation in the order and the roles of a chat, calls and results as Hermes text. */
function hermesMessages(
	texts: readonly { readonly role: string; readonly content: string }[],
	tools: readonly ToolSpec[]
): Message[] {
	const section = hermesToolsSection(tools);
	const messages: Message[] = [];
	for (const { role, content } of texts) {
		if (role === 'system') {
			if (!content.endsWith(section)) throw new Error('the system message does not tell of the tools');
			messages.push({ role, content: content.slice(0, -section.length) });
			continue;
		}
		if (role === 'assistant') {
			messages.push(hermesAnswer(content, messages.length));
			continue;
		}
		const result = /^<tool_response>\n([^]*)\n<\/tool_response>$/.exec(content)?.[1];
		if (result !== undefined) messages.push(resultMessage(result, messages));
		else messages.push({ role: 'user', content });
	}
	return messages;
}

function hermesAnswer(text: string, index: number): AssistantMessage {
	const { content, toolCalls } = readReply(text);
	return toolCalls[0]
		? callMessage(content, toolCalls[0].function, index)
		: { role: 'assistant', content: text };
}

const losesSpace = { ids: true, words: (content: string) => content.trim() } as const;

type Text = { readonly role: string; readonly content: string };

function chatmlTexts(text: string): Text[] {
	return text
		.split('<|im_start|>')
		.slice(1)
		.map((turn) => {
			const [, role, content] = /^(\w+)\n([^]*)<\|im_end\|>\n$/.exec(turn)!;
			return { role: role!, content: content! };
		});
}

const hermesRoles: Record<string, string> = {
	system: 'system',
	human: 'user',
	gpt: 'assistant',
	tool: 'tool'
};

/** By the formats' ids. */
export const readers: Readonly<Record<string, Reader>> = {
	'trl-sft/1': trl(['messages'], (row, chat) => ({ kind: 'sft', messages: chat(row['messages']) })),
	'trl-kto/1': trl(['prompt', 'completion', 'label'], (row, chat) =>
		kto([...chat(row['prompt']), only(chat(row['completion']))], row['label'])
	),
	'trl-dpo/1': trl(['prompt', 'chosen', 'rejected'], (row, chat) => ({
		kind: 'dpo',
		prompt: chat(row['prompt']),
		chosen: only(chat(row['chosen'])),
		rejected: only(chat(row['rejected']))
	})),
	'trl-prompt-completion/1': trl(['prompt', 'completion'], (row, chat) =>
		kto([...chat(row['prompt']), only(chat(row['completion']))], true)
	),
	'trl-reward/1': trl(['chosen', 'rejected'], (row, chat) => {
		const [chosen, rejected] = [chat(row['chosen']), chat(row['rejected'])];
		const prompt = chosen.slice(0, -1);
		if (JSON.stringify(prompt) !== JSON.stringify(rejected.slice(0, -1)))
			throw new Error('the prompts differ');
		const [good, bad] = [chosen.at(-1), rejected.at(-1)];
		return { kind: 'dpo', prompt, chosen: good as AssistantMessage, rejected: bad as AssistantMessage };
	}),
	'openai-sft/1': {
		columns: ['messages', 'tools', 'parallel_tool_calls'],
		read: (row) => ({
			example: { kind: 'sft', messages: openaiChat(row['messages']) },
			tools: chatTools(row['tools'])
		})
	},
	'openai-preference/1': {
		columns: ['input', 'preferred_output', 'non_preferred_output'],
		read(row) {
			const input = row['input'] as JsonObject;
			const example: ReadExample = {
				kind: 'dpo',
				prompt: openaiChat(input['messages']),
				chosen: only(openaiChat(row['preferred_output'])),
				rejected: only(openaiChat(row['non_preferred_output']))
			};
			return { example, tools: chatTools(input['tools']) };
		}
	},
	'llamafactory-sft/1': llamafactory(['conversations', 'system'], (messages) => ({ kind: 'sft', messages })),
	'llamafactory-ranking/1': llamafactory(
		['conversations', 'system', 'chosen', 'rejected'],
		(prompt, { chosen, rejected }, answer) => ({
			kind: 'dpo',
			prompt,
			chosen: answer(chosen),
			rejected: answer(rejected)
		})
	),
	'llamafactory-kto/1': llamafactory(['conversations', 'system', 'kto_tag'], (messages, row) =>
		kto(messages, row['kto_tag'])
	),
	'axolotl-sft/2': {
		columns: ['messages', 'tools'],
		read: (row) => ({
			example: { kind: 'sft', messages: openaiChat(row['messages']) },
			tools: chatTools(row['tools']).map((tool) => ({
				...tool,
				parameters: JSON.parse(tool.parameters as unknown as string) as JsonObject
			}))
		})
	},
	'axolotl-dpo/1': {
		columns: ['messages', 'chosen', 'rejected'],
		loses: losesSpace,
		read(row, tools) {
			const prompt = hermesMessages(row['messages'] as unknown as Text[], tools);
			const answer = (cell: Json | undefined) =>
				hermesAnswer((cell as unknown as Text).content, prompt.length);
			return {
				example: { kind: 'dpo', prompt, chosen: answer(row['chosen']), rejected: answer(row['rejected']) }
			};
		}
	},
	'axolotl-kto/1': {
		columns: ['prompt', 'completion', 'label'],
		loses: losesSpace,
		read(row, tools) {
			const text = `${row['prompt'] as string}${row['completion'] as string}\n`;
			return { example: kto(hermesMessages(chatmlTexts(text), tools), row['label']) };
		}
	},
	'hermes-sft/1': {
		columns: ['conversations', 'tools', 'meta'],
		loses: losesSpace,
		read(row, tools) {
			const texts = (row['conversations'] as Cells).map(({ from, value }) => ({
				role: hermesRoles[from as string]!,
				content: value as string
			}));
			return {
				example: { kind: 'sft', messages: hermesMessages(texts, tools) },
				tools: chatTools(JSON.parse(row['tools'] as string) as Json)
			};
		}
	}
};

/** An example less what a format says that it loses. */
export function asHeld(example: ReadExample, { loses }: Reader): ReadExample {
	if (!loses) return example;
	const held = <M extends Message>(message: M, index: number, place: 'context' | 'answer'): M => {
		if (message.role === 'tool') return { ...message, tool_call_id: `call_${index - 1}` };
		const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
		if (calls.length === 0) return message;
		const named = calls.map((call) => ({ ...call, id: `call_${index}` }));
		return { ...message, content: loses.words(message.content, place), tool_calls: named };
	};
	const context = (messages: readonly Message[]) =>
		messages
			.filter(({ role, content }) => !(loses.emptySystem && role === 'system' && content === ''))
			.map((message, index) => held(message, index, 'context'));
	if (example.kind === 'sft') return { kind: 'sft', messages: context(example.messages) };
	const prompt = context(example.prompt);
	const answer = (message: AssistantMessage) => held(message, prompt.length, 'answer');
	if (example.kind === 'kto') return { ...example, prompt, completion: answer(example.completion) };
	return { ...example, prompt, chosen: answer(example.chosen), rejected: answer(example.rejected) };
}
