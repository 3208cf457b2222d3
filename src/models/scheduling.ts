import type { GenerateRequest } from './language-model.ts';

/** A prompt cut where two prompts may part: what a cache shares is counted in equal leading pieces. */
export type PromptPieces = readonly string[];

export interface WaitingRequest {
	readonly pieces: PromptPieces;
	/** How often a younger request was taken first. */
	readonly passedOver: number;
	/** It failed before and wants a worker that has not worked yet. */
	readonly needsFresh: boolean;
}

export interface IdleWorker {
	/** Prompts that its cache may still hold. */
	readonly prompts: readonly PromptPieces[];
	/** It has not worked yet. */
	readonly fresh: boolean;
}

/** The pieces of a request's prompt: tools, then each message. */
export function promptPieces({ messages, tools, toolsText }: GenerateRequest): string[] {
	return [`${toolsText}\n${tools.map(({ name }) => name).join()}`, ...messages.map(messagePiece)];
}

/** One message as a piece. Call ids are left out: models never see them. */
export function messagePiece(message: GenerateRequest['messages'][number]): string {
	const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
	return `${message.role}\n${message.content}${calls.map((call) => JSON.stringify(call.function)).join('')}`;
}

/** Characters that two prompts have in common at their start. */
export function sharedLength(a: PromptPieces, b: PromptPieces): number {
	let shared = 0;
	for (let i = 0; i < a.length && i < b.length; i++) {
		const left = a[i]!;
		const right = b[i]!;
		if (left !== right) {
			let same = 0;
			while (same < left.length && left[same] === right[same]) same++;
			return shared + same;
		}
		shared += left.length;
	}
	return shared;
}

/**
 * Which waiting request goes to which idle worker next, as indices; `undefined` if none can go.
 *
 * The pair with the longest shared prefix wins; among equals the older request and the worker listed first. A request
 * that was passed over `patience` times goes before all younger ones, so that none waits for ever.
 *
 * @param waiting oldest first
 * @param idle idle for longest first
 */
export function nextAssignment(
	waiting: readonly WaitingRequest[],
	idle: readonly IdleWorker[],
	patience: number
): { readonly request: number; readonly worker: number } | undefined {
	let best: { request: number; worker: number } | undefined;
	let bestShared = -1;
	for (const [request, { pieces, passedOver, needsFresh }] of waiting.entries()) {
		let canGo = false;
		for (const [worker, { prompts, fresh }] of idle.entries()) {
			if (needsFresh && !fresh) continue;
			canGo = true;
			const shared = Math.max(0, ...prompts.map((prompt) => sharedLength(prompt, pieces)));
			// Few workers are fresh, so a request that needs one goes first wherever it can.
			const score = needsFresh ? Infinity : shared;
			if (score > bestShared) {
				best = { request, worker };
				bestShared = score;
			}
		}
		if (canGo && passedOver >= patience) break;
	}
	return best;
}
