import { mix32 } from '../base/hash.ts';
import { writeArguments } from '../dialogue/call-arguments.ts';
import { compactTools } from '../dialogue/hermes-write.ts';
import type { GenerateRequest } from './language-model.ts';

/**
 * Characters of a chunk at the most. Two prompts are compared character by character only within the first chunk that differs, so this bounds
 * what a comparison costs, however long a message is.
 */
export const chunkLength = 512;

/**
 * A prompt, prepared for comparisons whose cost does not depend on its length. It is cut into pieces where two prompts may part (tools, then
 * each message), and each piece into chunks. Two different pieces share their equal beginning and nothing after it.
 */
export interface Prompt {
	/** Characters. */
	readonly length: number;
	/** Pieces, each cut after every `chunkLength` characters. */
	readonly chunks: readonly string[];
	/** Characters of the first n chunks, for each n from 0. */
	readonly lengths: readonly number[];
	/**
	 * A hash of the first n chunks, for each n from 0: 53 bits of them and of where their pieces end. Prompts with equal hashes count as
	 * equal up to there. Should two hashes collide, a request goes to a worker that suits it less; its answer is the same.
	 */
	readonly prefixes: readonly number[];
}

export const emptyPrompt: Prompt = { length: 0, chunks: [], lengths: [0], prefixes: [0] };

/** By the list itself, which all requests of an environment have in common. */
const promptsOfTools = new WeakMap<GenerateRequest['tools'], Prompt>();

/** The prompt of a request. Takes time in proportion to its length, so once a request is enough. */
export function preparePrompt({ messages, tools }: GenerateRequest): Prompt {
	let start = promptsOfTools.get(tools);
	if (!start) promptsOfTools.set(tools, (start = extendPrompt(emptyPrompt, [compactTools(tools)])));
	return extendPrompt(start, messages.map(messagePiece));
}

/** A prompt and further pieces. The hashes of what is there are taken over. */
export function extendPrompt(prompt: Prompt, pieces: readonly string[]): Prompt {
	let { length } = prompt;
	const chunks = [...prompt.chunks];
	const lengths = [...prompt.lengths];
	const prefixes = [...prompt.prefixes];
	for (const piece of pieces) {
		let start = 0;
		let isEnd: boolean;
		// An empty piece is a chunk, too: it ends where the one before it ended, and a piece more came.
		do {
			const chunk = piece.slice(start, (start += chunkLength));
			isEnd = start >= piece.length;
			length += chunk.length;
			prefixes.push(prefixHash(prefixes[chunks.length]!, chunk, isEnd));
			chunks.push(chunk);
			lengths.push(length);
		} while (!isEnd);
	}
	return { length, chunks, lengths, prefixes };
}

/** One message as a piece. Call ids are left out: models never see them. */
export function messagePiece(message: GenerateRequest['messages'][number]): string {
	const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
	return `${message.role}\n${message.content}${calls.map((call) => `${call.function.name} ${writeArguments(call.function)}`).join('')}`;
}

/**
 * The hash of a prefix and the chunk after it, from the hash of that prefix. Two multiplicative hashes side by side, since one of 32 bits
 * would collide within a long run.
 * @param isEnd whether the chunk ends its piece: a piece that is the beginning of another is not the same prefix
 */
function prefixHash(before: number, chunk: string, isEnd: boolean): number {
	let low = before | 0;
	let high = Math.floor(before / 2 ** 32);
	for (let i = 0; i < chunk.length; i++) {
		const code = chunk.charCodeAt(i);
		low = Math.imul(low ^ code, 0x9e3779b1);
		high = Math.imul(high ^ code, 0x5f356495);
	}
	// No code unit has this bit. The length, because zeros alone would leave a hash of zero as it is.
	low = mix32(low ^ (isEnd ? 0x10000 : 0));
	high = mix32(high ^ chunk.length);
	return (high >>> 11) * 2 ** 32 + low;
}
