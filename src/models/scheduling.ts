import type { Prompt } from './prompt.ts';

export interface WaitingRequest {
	readonly prompt: Prompt;
	/** How often a younger request was taken first by a worker that could have taken this one. */
	readonly passedOver: number;
	/** It failed before and wants a worker that has not worked yet. */
	readonly needsFresh: boolean;
}

export interface Worker {
	/** Characters at the start of a prompt that it computed at some time; its cache may still hold them. */
	shared(prompt: Prompt): number;
	/** Of these, what the conversation that it worked on last begins with: that is in the cache for sure. */
	held(prompt: Prompt): number;
}

export interface IdleWorker extends Worker {
	/** It has not worked yet. */
	readonly fresh: boolean;
	/**
	 * Requests that it could have answered while it was idle; infinite if it has not worked yet. Zero as long as the next step of what it
	 * worked on may still come: it takes nothing then that fits another worker better.
	 */
	readonly missed: number;
}

/** Characters that are cheaper to compute again than to wait for: about twenty tokens. */
const negligible = 80;

/**
 * Characters of a prompt that cost as much as waiting for one request. They could be computed in about half its time; but a
 * conversation that moves also takes the place of another.
 */
const requestCost = 200;
/** The same for a request that an idle worker missed. Less: most often something that fits comes soon. */
const idleCost = 50;

/** Characters that may differ at the end of a prompt that is held whole. */
const whole = 8;

export interface Assignment {
	/** Indices. */
	readonly request: number;
	readonly worker: number;
	/** Older requests that this worker could have taken. */
	readonly passedOver: readonly number[];
}

/**
 * Which waiting request goes to which idle worker next; `undefined` if none should go.
 *
 * A request is at home where the beginning of its prompt was computed. An idle worker takes, of those, the one that fits best
 * what it worked on last (`fit`), then the one that shares most with anything it computed, then the oldest: so it walks through a
 * search tree branch by branch, and its cache goes along. What is at home with a busy worker waits for it, unless that takes longer,
 * with all that waits there, than to compute the beginning again. And a worker that has been idle for as long as it takes to compute something
 * might as well have done so. Of what may move, what gains most moves first. A request that was passed over `patience` times goes before
 * all younger ones, so that none waits for ever.
 *
 * @param waiting oldest first
 * @param idle idle for longest first
 */
export function nextAssignment(
	waiting: readonly WaitingRequest[],
	idle: readonly IdleWorker[],
	busy: readonly Worker[],
	patience: number
): Assignment | undefined {
	if (idle.length === 0) return undefined;
	let best: { request: number; worker: number } | undefined;
	let bestRank: Rank | undefined;
	/** By request, the workers that could take it. */
	const possible: boolean[][] = [];
	const homes = homesOf(waiting, [...idle, ...busy]);
	for (const [request, { prompt, passedOver, needsFresh }] of waiting.entries()) {
		const { shared: sharedWith, most, queue } = homes[request]!;
		const ranks = idle.map((worker, index) => {
			// Few workers are fresh, so a request that needs one goes first wherever it can.
			if (needsFresh) return worker.fresh ? ([2, 0, 0] as const) : undefined;
			const shared = sharedWith[index]!;
			const lost = most - shared;
			if (lost <= negligible) return [1, fit(worker, prompt), shared] as const;
			const wait = requestCost * queue.length;
			const moves = worker.missed > 0 && lost < wait + idleCost * worker.missed;
			return moves ? ([0, wait - lost, 0] as const) : undefined;
		});
		for (const [worker, rank] of ranks.entries()) {
			if (!rank || (bestRank && !isHigher(rank, bestRank))) continue;
			best = { request, worker };
			bestRank = rank;
		}
		possible.push(ranks.map((rank) => rank !== undefined));
		if (ranks.some((rank) => rank) && passedOver >= patience) break;
	}
	if (!best) return undefined;
	const { request, worker } = best;
	const passedOver = possible.flatMap((workers, older) =>
		older < request && workers[worker] ? [older] : []
	);
	return { request, worker, passedOver };
}

/**
 * For each request, what each worker shares with it, the most of that, and what waits for the worker with the most; of several such, for the
 * one with the least.
 */
function homesOf(waiting: readonly WaitingRequest[], workers: readonly Worker[]) {
	const queues = workers.map(() => new Array<WaitingRequest>());
	return waiting.map((request) => {
		const shared = workers.map((worker) => worker.shared(request.prompt));
		const most = Math.max(0, ...shared);
		const queue = queues
			.filter((_, worker) => most - shared[worker]! <= negligible)
			.reduce((a, b) => (b.length < a.length ? b : a));
		queue.push(request);
		return { shared, most, queue };
	});
}

/** The kind of match, then how good it is within its kind. */
type Rank = readonly [kind: number, quality: number, more: number];

function isHigher(a: Rank, b: Rank): boolean {
	for (const [index, value] of a.entries()) if (value !== b[index]) return value > b[index]!;
	return false;
}

/**
 * How well a request fits the one conversation that an engine holds; more is better. A prompt that is there whole costs nothing:
 * siblings that ask the same go first, before one of them goes on and leaves its own words there.
 */
function fit(worker: IdleWorker, prompt: Prompt): number {
	const held = worker.held(prompt);
	return prompt.length - held <= whole ? Infinity : held;
}
