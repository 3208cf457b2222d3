import { writeArguments } from '../dialogue/call-arguments.ts';
import { compactTools } from '../dialogue/hermes-write.ts';
import type { GenerateRequest } from './language-model.ts';

/** A prompt cut where two prompts may part. */
export type PromptPieces = readonly string[];

/** The pieces of a request's prompt: tools, then each message. */
export function promptPieces({ messages, tools }: GenerateRequest): string[] {
	return [compactTools(tools), ...messages.map(messagePiece)];
}

/** One message as a piece. Call ids are left out: models never see them. */
export function messagePiece(message: GenerateRequest['messages'][number]): string {
	const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
	return `${message.role}\n${message.content}${calls.map((call) => `${call.function.name} ${writeArguments(call.function)}`).join('')}`;
}

type Node = Map<string, Node>;

/**
 * Prompts, their common beginnings held once: what the cache of a worker is thought to hold. It forgets the prompts that are
 * longest ago.
 */
export class PromptTree {
	readonly #limit: number;
	#latest: Node = new Map();
	#earlier: Node = new Map();
	#count = 0;
	#last: PromptPieces = [];

	/** @param limit prompts that are remembered; up to twice as many for a while */
	constructor(limit: number) {
		this.#limit = limit;
	}

	add(pieces: PromptPieces): void {
		this.#last = pieces;
		if (++this.#count > this.#limit) {
			this.#earlier = this.#latest;
			this.#latest = new Map();
			this.#count = 1;
		}
		let node = this.#latest;
		for (const piece of pieces) {
			let next = node.get(piece);
			if (!next) node.set(piece, (next = new Map()));
			node = next;
		}
	}

	/** Characters that a prompt has in common, at its start, with the one that was added last. */
	held(pieces: PromptPieces): number {
		let shared = 0;
		for (const [index, piece] of pieces.entries()) {
			const last = this.#last[index];
			if (last === undefined) break;
			if (last !== piece) return shared + equalCharacters(last, piece);
			shared += piece.length;
		}
		return shared;
	}

	/** The most characters that a prompt has in common, at its start, with one of those here. */
	shared(pieces: PromptPieces): number {
		return Math.max(sharedWith(this.#latest, pieces), sharedWith(this.#earlier, pieces));
	}
}

function sharedWith(tree: Node, pieces: PromptPieces): number {
	let node = tree;
	let shared = 0;
	for (const piece of pieces) {
		const next = node.get(piece);
		if (!next) {
			let most = 0;
			for (const other of node.keys()) most = Math.max(most, equalCharacters(piece, other));
			return shared + most;
		}
		shared += piece.length;
		node = next;
	}
	return shared;
}

function equalCharacters(a: string, b: string): number {
	let same = 0;
	while (same < a.length && a[same] === b[same]) same++;
	return same;
}
