/**
 * The rule of dispatch written down plainly: every request is compared with every worker piece by piece, each time. What `src/models` does
 * has to assign alike, and faster.
 */
import { messagePiece } from '../src/models/prompt.ts';
import type { GenerateRequest } from '../src/models/language-model.ts';
import type { Assignment } from '../src/models/scheduling.ts';
import { compactTools } from '../src/dialogue/hermes-write.ts';

/** A prompt cut where two prompts may part. */
export type Pieces = readonly string[];

/** The pieces of a request's prompt: tools, then each message. */
export function piecesOf({ messages, tools }: GenerateRequest): string[] {
	return [compactTools(tools), ...messages.map(messagePiece)];
}

type Node = Map<string, Node>;

export class NaivePromptTree {
	readonly #limit: number;
	#latest: Node = new Map();
	#earlier: Node = new Map();
	#count = 0;
	#last: Pieces = [];

	/** @param limit prompts that are remembered; up to twice as many for a while */
	constructor(limit: number) {
		this.#limit = limit;
	}

	add(pieces: Pieces): void {
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

	held(pieces: Pieces): number {
		let shared = 0;
		for (const [index, piece] of pieces.entries()) {
			const last = this.#last[index];
			if (last === undefined) break;
			if (last !== piece) return shared + equalCharacters(last, piece);
			shared += piece.length;
		}
		return shared;
	}

	shared(pieces: Pieces): number {
		return Math.max(sharedWith(this.#latest, pieces), sharedWith(this.#earlier, pieces));
	}
}

function sharedWith(tree: Node, pieces: Pieces): number {
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

interface WaitingRequest {
	readonly pieces: Pieces;
	readonly passedOver: number;
	readonly needsFresh: boolean;
}

interface Worker {
	shared(pieces: Pieces): number;
	held(pieces: Pieces): number;
}

interface IdleWorker extends Worker {
	readonly fresh: boolean;
	readonly missed: number;
}

const negligible = 80;
const requestCost = 200;
const idleCost = 50;
const whole = 8;

/** As `nextAssignment` of `src/models/scheduling.ts`. */
export function naiveAssignment(
	waiting: readonly WaitingRequest[],
	idle: readonly IdleWorker[],
	busy: readonly Worker[],
	patience: number
): Assignment | undefined {
	if (idle.length === 0) return undefined;
	let best: { request: number; worker: number } | undefined;
	let bestRank: Rank | undefined;
	const possible: boolean[][] = [];
	const homes = homesOf(waiting, [...idle, ...busy]);
	for (const [request, { pieces, passedOver, needsFresh }] of waiting.entries()) {
		const { most, queue } = homes[request]!;
		const ranks = idle.map((worker) => {
			if (needsFresh) return worker.fresh ? ([2, 0, 0] as const) : undefined;
			const shared = worker.shared(pieces);
			const lost = most - shared;
			if (lost <= negligible) return [1, fit(worker, pieces), shared] as const;
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

function homesOf(waiting: readonly WaitingRequest[], workers: readonly Worker[]) {
	const queues = workers.map(() => new Array<WaitingRequest>());
	return waiting.map((request) => {
		const shared = workers.map((worker) => worker.shared(request.pieces));
		const most = Math.max(0, ...shared);
		const queue = queues
			.filter((_, worker) => most - shared[worker]! <= negligible)
			.reduce((a, b) => (b.length < a.length ? b : a));
		queue.push(request);
		return { most, queue };
	});
}

type Rank = readonly [kind: number, quality: number, more: number];

function isHigher(a: Rank, b: Rank): boolean {
	for (const [index, value] of a.entries()) if (value !== b[index]) return value > b[index]!;
	return false;
}

function fit(worker: IdleWorker, pieces: Pieces): number {
	const held = worker.held(pieces);
	const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
	return length - held <= whole ? Infinity : held;
}
