import type { Stream } from 'openai/streaming';
import type OpenAI from 'openai';
import { writeHermesCall } from '../../dialogue/hermes-write.ts';
import type { ToolCall } from '../../dialogue/message.ts';
import type { Generation, Usage } from '../language-model.ts';
import { readReply } from '../reply.ts';
import { BrokenReplyError } from './faults.ts';
import { callFromWire, type WireCall } from './wire-messages.ts';

/** What a server answered, streamed or not. */
export interface ServerReply {
	readonly content: string;
	readonly calls: readonly WireCall[];
	readonly finish: string;
	readonly usage: Usage;
}

/** @throws {BrokenReplyError} if there is no reply in it */
export function wholeReply(completion: OpenAI.ChatCompletion): ServerReply {
	const choice = completion.choices?.[0];
	if (!choice?.message) throw new BrokenReplyError('the server sent a completion without a message');
	return {
		content: choice.message.content ?? '',
		calls: (choice.message.tool_calls ?? []) as readonly WireCall[],
		// Some servers leave it out when a call was made.
		finish: choice.finish_reason ?? 'stop',
		usage: usageOf(completion.usage)
	};
}

/**
 * Gathers the pieces of a streamed reply.
 * @param onText gets the text so far
 * @throws {BrokenReplyError} if the stream ends before the reply does
 */
export async function streamedReply(
	stream: Stream<OpenAI.ChatCompletionChunk>,
	onText: (text: string) => void
): Promise<ServerReply> {
	let content = '';
	let finish: string | undefined;
	let usage: OpenAI.CompletionUsage | null | undefined;
	const calls: { function: { name: string; arguments: string } }[] = [];
	for await (const chunk of stream) {
		usage = chunk.usage ?? usage;
		const choice = chunk.choices?.[0];
		if (!choice) continue;
		const { delta } = choice;
		content += delta?.content ?? '';
		for (const piece of delta?.tool_calls ?? []) {
			// Servers that do not number calls send each in one piece or begin it with its id.
			const at = piece.index ?? (piece.id || calls.length === 0 ? calls.length : calls.length - 1);
			const call = (calls[at] ??= { function: { name: '', arguments: '' } });
			call.function.name += piece.function?.name ?? '';
			call.function.arguments += argumentsText(piece.function?.arguments);
		}
		finish = choice.finish_reason ?? finish;
		if (delta?.content || delta?.tool_calls) onText(textOf(content, calls.filter(Boolean)));
	}
	if (finish === undefined) throw new BrokenReplyError('the reply broke off');
	return { content, calls: calls.filter(Boolean), finish, usage: usageOf(usage) };
}

/** The message in a reply. Ids of calls come from the seed, as in `readReply`: those of servers differ from time to time. */
export function readServerReply(
	{ content, calls: wires }: Pick<ServerReply, 'content' | 'calls'>,
	seed: number
): Pick<Generation, 'message' | 'text' | 'problem'> {
	if (wires.length === 0) return { ...readReply(content, seed), text: content };
	const calls: ToolCall[] = [];
	const problems: string[] = [];
	for (const wire of wires) {
		const call = callFromWire(wire, `call_${seed.toString(36)}_${calls.length}`);
		if (typeof call === 'string') problems.push(call);
		else calls.push(call);
	}
	return {
		message: { role: 'assistant', content, ...(calls.length > 0 && { tool_calls: calls }) },
		text: textOf(content, wires),
		...(problems.length > 0 && { problem: problems.join('; ') })
	};
}

/** What the model wrote, as far as a server that reads calls lets one know: in the Hermes form. */
function textOf(content: string, wires: readonly WireCall[]): string {
	const written = wires.map((wire) => {
		const call = callFromWire(wire, '');
		if (typeof call !== 'string') return writeHermesCall(call);
		const { name, arguments: args } = wire.function ?? {};
		return `<tool_call>\n${String(name ?? '')} ${argumentsText(args)}\n</tool_call>`;
	});
	return [content, ...written].filter((part) => part !== '').join('\n');
}

function argumentsText(args: unknown): string {
	return typeof args === 'string' ? args : args === undefined || args === null ? '' : JSON.stringify(args);
}

function usageOf(usage: OpenAI.CompletionUsage | null | undefined): Usage {
	return {
		promptTokens: usage?.prompt_tokens ?? 0,
		cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
		completionTokens: usage?.completion_tokens ?? 0
	};
}
