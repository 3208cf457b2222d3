import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NaivePromptTree, naiveAssignment, type Pieces } from '../../bench/naive-dispatch.ts';
import { PromptTree } from '../../src/models/prompt-tree.ts';
import { chunkLength, emptyPrompt, extendPrompt, type Prompt } from '../../src/models/prompt.ts';
import { nextAssignment } from '../../src/models/scheduling.ts';

/** Equal beginnings of lengths around those that the rules and the chunks know, and a few ways to go on from there. */
const piece = fc
	.tuple(
		fc.constantFrom(0, 1, 8, 80, 81, 300, ...[-1, 0, 1].map((more) => chunkLength + more), 2 * chunkLength),
		fc.constantFrom('', 'b', 'c', 'b'.repeat(9), 'c'.repeat(chunkLength))
	)
	.map(([same, rest]) => 'a'.repeat(same) + rest);

const step = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.record({
			kind: fc.constant('ask' as const),
			/** Which of the latest prompts it begins like, and how many pieces of that are left out at the end. */
			like: fc.nat(5),
			less: fc.nat(2),
			more: fc.array(piece, { maxLength: 3 }),
			needsFresh: fc.integer({ min: 0, max: 9 }).map((one) => one === 0)
		})
	},
	{ weight: 5, arbitrary: fc.constant({ kind: 'dispatch' as const }) },
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('answer' as const),
			worker: fc.nat(3),
			answer: piece,
			missed: fc.constantFrom(0, 0.001, 1, 7, 40)
		})
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('replace' as const), worker: fc.nat(3) }) }
);

interface Both {
	readonly pieces: Pieces;
	readonly prompt: Prompt;
}

const both = (pieces: Pieces): Both => ({ pieces, prompt: extendPrompt(emptyPrompt, pieces) });

/** A worker as both rules see it. */
class TestWorker {
	readonly #naive: NaivePromptTree;
	readonly #tree: PromptTree;
	working: Both | undefined;
	fresh = true;
	missed = Infinity;

	constructor(limit: number) {
		this.#naive = new NaivePromptTree(limit);
		this.#tree = new PromptTree(limit);
	}

	add({ pieces, prompt }: Both): void {
		this.#naive.add(pieces);
		this.#tree.add(prompt);
	}

	forNaive() {
		const { fresh, missed } = this;
		const tree = this.#naive;
		return { shared: (p: Pieces) => tree.shared(p), held: (p: Pieces) => tree.held(p), fresh, missed };
	}

	forRule() {
		const { fresh, missed } = this;
		const tree = this.#tree;
		return { shared: (p: Prompt) => tree.shared(p), held: (p: Prompt) => tree.held(p), fresh, missed };
	}
}

describe('dispatch', () => {
	it('assigns as when every prompt is compared with every other, piece by piece', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 4 }),
				fc.integer({ min: 1, max: 6 }),
				fc.integer({ min: 1, max: 4 }),
				fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
				(size, limit, patience, steps) => {
					const workers = Array.from({ length: size }, () => new TestWorker(limit));
					const asked: Both[] = [];
					const waiting: (Both & { passedOver: number; needsFresh: boolean })[] = [];
					for (const one of steps) {
						if (one.kind === 'ask') {
							const begins = asked.at(-1 - one.like)?.pieces ?? [];
							const prompt = both([...begins.slice(0, begins.length - one.less), ...one.more]);
							asked.push(prompt);
							waiting.push({ ...prompt, passedOver: 0, needsFresh: one.needsFresh });
						} else if (one.kind === 'dispatch') {
							const idle = workers.filter(({ working }) => !working);
							const busy = workers.filter(({ working }) => working);
							const expected = naiveAssignment(
								waiting,
								idle.map((worker) => worker.forNaive()),
								busy.map((worker) => worker.forNaive()),
								patience
							);
							const assignment = nextAssignment(
								waiting,
								idle.map((worker) => worker.forRule()),
								busy.map((worker) => worker.forRule()),
								patience
							);
							expect(assignment).toEqual(expected);
							if (!assignment) continue;
							for (const older of assignment.passedOver) waiting[older]!.passedOver++;
							const [job] = waiting.splice(assignment.request, 1);
							const worker = idle[assignment.worker]!;
							worker.add(job!);
							worker.fresh = false;
							worker.working = job;
						} else if (one.kind === 'answer') {
							const worker = workers[one.worker % size]!;
							if (!worker.working) continue;
							const { pieces, prompt } = worker.working;
							const answered = {
								pieces: [...pieces, one.answer],
								prompt: extendPrompt(prompt, [one.answer])
							};
							asked.push(answered);
							worker.add(answered);
							worker.working = undefined;
							worker.missed = one.missed;
						} else {
							workers[one.worker % size] = new TestWorker(limit);
						}
						for (const { pieces, prompt } of [...waiting, ...asked.slice(-6)]) {
							for (const worker of workers) {
								const [rule, naive] = [worker.forRule(), worker.forNaive()];
								expect([rule.shared(prompt), rule.held(prompt)]).toEqual([
									naive.shared(pieces),
									naive.held(pieces)
								]);
							}
						}
					}
				}
			),
			{ numRuns: 150 }
		);
	});
});
