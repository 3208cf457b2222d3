import type { JsonObject } from '../../src/base/json.ts';
import type { AssistantMessage, Message } from '../../src/dialogue/message.ts';
import type { ToolSpec } from '../../src/dialogue/tool.ts';
import type { DpoExample, KtoExample, SftExample } from '../../src/harvest/examples.ts';

const string = { type: 'string' };

export const tools: readonly ToolSpec[] = [
	{
		name: 'search_hotel',
		description: 'Find hotels.',
		parameters: {
			type: 'object',
			properties: { area: { type: ['string', 'null'] }, name: string },
			additionalProperties: false
		}
	},
	{
		name: 'book_hotel',
		description: 'Book a room.',
		parameters: { type: 'object', properties: { nights: { type: 'integer' } }, required: ['nights'] }
	}
];

export const origin = {
	scenario: 'one',
	split: 'train',
	reward: 1,
	turn: 0,
	path: 'L',
	nodeTurn: 0,
	message: 2
} as const;

export function calling(name: string, args: JsonObject, content = '', id = 'call_1'): AssistantMessage {
	return {
		role: 'assistant',
		content,
		tool_calls: [{ id, type: 'function', function: { name, arguments: args } }]
	};
}

/** A conversation up to the agent's answer. */
export const prompt: readonly Message[] = [
	{ role: 'system', content: 'You help at a hotel desk.' },
	{ role: 'user', content: 'I need a hotel in the north.' },
	calling('search_hotel', { area: 'north' }),
	{ role: 'tool', tool_call_id: 'call_1', name: 'search_hotel', content: '[{"name": "Amber Inn"}]' },
	{ role: 'assistant', content: 'The Amber Inn is free.' },
	{ role: 'user', content: 'Book two nights.' }
];

export const booking = calling('book_hotel', { nights: 2 }, '', 'call_2');

export function kto(completion: AssistantMessage, label = true, before = prompt): KtoExample {
	return { kind: 'kto', origin, prompt: before, completion, label };
}

export function dpo(chosen: AssistantMessage, rejected: AssistantMessage): DpoExample {
	return { kind: 'dpo', origin, prompt, chosen, rejected };
}

export function sft(...last: readonly Message[]): SftExample {
	return { kind: 'sft', origin, messages: [...prompt, ...last] };
}
