import { plainSampling, type GenerateRequest } from '../src/models/language-model.ts';
import { PromptTree } from '../src/models/prompt-tree.ts';
import { extendPrompt, messagePiece, preparePrompt, type Prompt } from '../src/models/prompt.ts';
import { nextAssignment, type Assignment } from '../src/models/scheduling.ts';
import type { BenchmarkOptions, BenchmarkResult, Figure } from './benchmark.ts';
import { NaivePromptTree, naiveAssignment, piecesOf, type Pieces } from './naive-dispatch.ts';

const workers = 4;
const waiting = 64;
/** Searches that the waiting requests are branches of: two a worker, as in a run. */
const searches = 2 * workers;
/** As many as the pool remembers for each worker. */
const remembered = 256;
/** Requests that each worker has worked on before. */
const earlier = 64;
const patience = 24;
const charactersPerToken = 4;

/** How a prompt is made up. */
const shapes = {
	'many messages': (characters: number) => Math.round(characters / 430),
	'four messages': () => 4
} as const;
type Shape = keyof typeof shapes;

/** Milliseconds that may pass between an answer and the next request on its way, with prompts of 32k tokens. */
const limit = 5;

/**
 * What it costs the pool to find the next request for a worker that has answered, by the length of the prompts. Beside it, in the same run and on
 * the same requests, the rule that compares every prompt with every worker piece by piece.
 */
export async function measureDispatch({ quick, say }: BenchmarkOptions): Promise<BenchmarkResult> {
	const figures: Figure[] = [];
	const rounds = quick ? { ours: 10, naive: 1 } : { ours: 50, naive: 3 };
	// The first measurement would otherwise be one of code that is not compiled yet.
	dispatched(ourRule, 50, 'many messages', 1000);
	for (const shape of Object.keys(shapes) as Shape[]) {
		for (const thousands of [4, 32, 64]) {
			say(`${waiting} requests of ${thousands}k tokens, ${shape}`);
			const tokens = 1000 * thousands;
			const ours = dispatched(ourRule, rounds.ours, shape, tokens);
			const naive = dispatched(naiveRule, rounds.naive, shape, tokens);
			// Another choice would be another workload.
			if (naive.order.some((request, round) => request !== ours.order[round]))
				throw new Error(`the rules chose otherwise: ${ours.order.join()} and ${naive.order.join()}`);
			const target = thousands === 32 ? { target: { atMost: limit } } : {};
			figures.push(
				{
					name: `${thousands}k tokens, ${shape}: a dispatch`,
					value: median(ours.times),
					unit: 'ms',
					...target
				},
				{ name: '  the slowest', value: Math.max(...ours.times), unit: 'ms', ...target },
				{ name: '  the naive rule', value: median(naive.times), unit: 'ms' },
				{ name: '  as fast as that', value: median(naive.times) / median(ours.times), unit: 'times' },
				{ name: '  once for each request: its prompt prepared', value: median(ours.prepared), unit: 'ms' }
			);
		}
	}
	return {
		figures,
		notes: [
			`${waiting} waiting requests of ${searches} searches, ${workers} workers that worked on ${earlier} requests each; a dispatch is from an answer to the next request on its way`,
			`medians of ${rounds.ours} dispatches, of the naive rule ${rounds.naive}; ${charactersPerToken} characters a token`
		]
	};
}

/** Memory of workers and choice, as one of the two rules has them. */
interface Rule<Prepared> {
	prepare(request: GenerateRequest): Prepared;
	/** A prompt and the answer to it. */
	answered(prompt: Prepared, answer: GenerateRequest['messages'][number]): Prepared;
	tree(): Tree<Prepared>;
	next(
		waiting: readonly Prepared[],
		idle: Tree<Prepared>,
		busy: readonly Tree<Prepared>[]
	): Assignment | undefined;
}

interface Tree<Prepared> {
	add(prompt: Prepared): void;
	shared(prompt: Prepared): number;
	held(prompt: Prepared): number;
}

const notPassedOver = { passedOver: 0, needsFresh: false };

/** A worker that has nothing at home takes something over at once: each dispatch finds a request. */
const idleWorker = <Prepared>(tree: Tree<Prepared>) => ({
	shared: (prompt: Prepared) => tree.shared(prompt),
	held: (prompt: Prepared) => tree.held(prompt),
	fresh: false,
	missed: Infinity
});

const ourRule: Rule<Prompt> = {
	prepare: preparePrompt,
	answered: (prompt, answer) => extendPrompt(prompt, [messagePiece(answer)]),
	tree: () => new PromptTree(remembered),
	next: (prompts, idle, busy) =>
		nextAssignment(
			prompts.map((prompt) => ({ prompt, ...notPassedOver })),
			[idleWorker(idle)],
			busy,
			patience
		)
};

const naiveRule: Rule<Pieces> = {
	prepare: piecesOf,
	answered: (pieces, answer) => [...pieces, messagePiece(answer)],
	tree: () => new NaivePromptTree(remembered),
	next: (prompts, idle, busy) =>
		naiveAssignment(
			prompts.map((pieces) => ({ pieces, ...notPassedOver })),
			[idleWorker(idle)],
			busy,
			patience
		)
};

/** Dispatches one after the other; each worker in turn answers and is given a request, and another one takes its place. */
function dispatched<Prepared>(rule: Rule<Prepared>, rounds: number, shape: Shape, tokens: number) {
	const times: number[] = [];
	const prepared: number[] = [];
	/** The requests that were chosen. */
	const order: number[] = [];
	let asked = 0;
	const ask = () => {
		const request = requestOf(asked++, shape, tokens);
		const start = performance.now();
		const prompt = rule.prepare(request);
		prepared.push(performance.now() - start);
		return { number: asked, prompt };
	};
	const pool = Array.from({ length: workers }, () => ({ tree: rule.tree(), job: ask() }));
	for (const worker of pool) {
		for (let i = 0; i < earlier; i++) worker.tree.add((worker.job = ask()).prompt);
	}
	const queue = Array.from({ length: waiting }, ask);
	for (let round = 0; round < rounds + workers; round++) {
		const { tree, job } = pool[round % workers]!;
		const busy = pool.filter((other) => other.tree !== tree).map((other) => other.tree);
		const answer = { role: 'assistant' as const, content: text(`answer ${round}`, 200) };
		const start = performance.now();
		tree.add(rule.answered(job.prompt, answer));
		const choice = rule.next(
			queue.map(({ prompt }) => prompt),
			tree,
			busy
		);
		const [next] = queue.splice(choice!.request, 1);
		tree.add(next!.prompt);
		// In the first round nothing is remembered of any worker.
		if (round >= workers) times.push(performance.now() - start);
		order.push(next!.number);
		pool[round % workers]!.job = next!;
		queue.push(ask());
	}
	return { times, prepared, order };
}

/**
 * A branch of one of the searches: its last tenth is its own, its first half that of all searches, the rest that of its search. Its words are made anew for each request, as those
 * that come from a search are: what is the same text is not the same string.
 */
function requestOf(number: number, shape: Shape, tokens: number): GenerateRequest {
	const characters = tokens * charactersPerToken;
	const search = number % searches;
	const whole =
		text('rules', 0.5 * characters) +
		text(`search ${search}`, 0.4 * characters) +
		text(`branch ${number}`, 0.1 * characters);
	const count = shapes[shape](characters);
	const size = Math.ceil(characters / count);
	return {
		messages: Array.from({ length: count }, (_, index) => ({
			role: index === 0 ? 'system' : index % 2 === 1 ? 'user' : 'assistant',
			content: whole.slice(index * size, (index + 1) * size)
		})),
		tools: [],
		sampling: plainSampling,
		seed: number
	};
}

function text(words: string, characters: number): string {
	return `${words}, `.repeat(Math.ceil(characters / (words.length + 2))).slice(0, Math.round(characters));
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)]!;
}
