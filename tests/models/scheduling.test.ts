import { describe, expect, it } from 'vitest';
import { emptyPrompt, extendPrompt } from '../../src/models/prompt.ts';
import { PromptTree } from '../../src/models/prompt-tree.ts';
import {
	nextAssignment,
	type Assignment,
	type IdleWorker,
	type WaitingRequest,
	type Worker
} from '../../src/models/scheduling.ts';

const waiting = (pieces: string[], rest: Partial<WaitingRequest> = {}): WaitingRequest => ({
	prompt: extendPrompt(emptyPrompt, pieces),
	passedOver: 0,
	needsFresh: false,
	...rest
});

function busy(prompts: string[][]): Worker & Pick<PromptTree, 'held'> {
	const tree = new PromptTree(100);
	for (const pieces of prompts) tree.add(extendPrompt(emptyPrompt, pieces));
	return tree;
}

function idle(prompts: string[][], rest: Partial<IdleWorker> = {}): IdleWorker {
	const tree = busy(prompts);
	return {
		shared: (prompt) => tree.shared(prompt),
		held: (prompt) => tree.held(prompt),
		fresh: false,
		missed: 0,
		...rest
	};
}

/** Long enough that computing it again is worth some waiting. */
const long = (letter: string) => letter.repeat(500);

const chosen = (request: number, worker: number): Partial<Assignment> => ({ request, worker });

describe('nextAssignment', () => {
	it('has nothing to give without requests or workers', () => {
		expect(nextAssignment([], [idle([])], [], 9)).toBeUndefined();
		expect(nextAssignment([waiting(['a'])], [], [], 9)).toBeUndefined();
	});

	it('routes a request to the worker whose cache shares the longest prefix', () => {
		const workers = [idle([['x']]), idle([['ab'], ['abcd']]), idle([['abc']])];
		expect(nextAssignment([waiting(['abcde'])], workers, [], 9)).toMatchObject(chosen(0, 1));
	});

	it('gives a worker the request that fits it best, the oldest among equals', () => {
		const requests = [waiting(['b']), waiting(['aab']), waiting(['aab'])];
		expect(nextAssignment(requests, [idle([['aa']])], [], 9)).toMatchObject(chosen(1, 0));
	});

	it('goes on with the branch that a worker is at before it returns to another', () => {
		const [shared, here, there] = [long('s'), 'b', long('a')];
		const requests = [waiting([shared, there, long('x')]), waiting([shared, here, long('c')])];
		const worker = idle([
			[shared, there],
			[shared, here]
		]);
		expect(nextAssignment(requests, [worker], [], 9)).toMatchObject(chosen(1, 0));
	});

	it('lets siblings that ask the same go before one of them goes on', () => {
		const prompt = [long('s'), long('u')];
		const requests = [waiting([...prompt, long('a')]), waiting(prompt)];
		expect(nextAssignment(requests, [idle([[...prompt, 'reply']])], [], 9)).toMatchObject(chosen(1, 0));
	});

	it('prefers the worker that is idle for longest when nothing is shared', () => {
		expect(nextAssignment([waiting(['b'])], [idle([['x']]), idle([['y']])], [], 9)).toMatchObject(
			chosen(0, 0)
		);
	});

	it('keeps a request for the busy worker that holds its conversation', () => {
		const request = waiting([long('s'), long('a'), 'more']);
		const other = [[long('s'), long('b')]];
		const home = busy([[long('s'), long('a')]]);
		expect(nextAssignment([request], [idle(other)], [home], 9)).toBeUndefined();
		expect(nextAssignment([request], [idle(other)], [], 9)).toMatchObject(chosen(0, 0));
	});

	it('takes what is new everywhere rather than let it wait', () => {
		const request = waiting([long('s'), long('c')]);
		const idler = idle([[long('s'), long('b')]]);
		expect(nextAssignment([request], [idler], [busy([[long('s'), `c${long('d')}`]])], 9)).toMatchObject(
			chosen(0, 0)
		);
	});

	it('moves a request when what waits with it at home costs more than computing its beginning again', () => {
		const home = busy([[long('s'), long('a')]]);
		const ask = (end: string) => waiting([long('s'), long('a'), end]);
		const other = idle([[long('s')]], { missed: 0.001 });
		// 500 characters are lost; each that waits counts for 200.
		expect(nextAssignment([ask('b'), ask('c')], [other], [home], 9)).toBeUndefined();
		expect(nextAssignment([ask('b'), ask('c'), ask('d')], [other], [home], 9)).toMatchObject(chosen(0, 0));
		const justIdle = idle([[long('s')]], { missed: 0 });
		expect(nextAssignment([ask('b'), ask('c'), ask('d')], [justIdle], [home], 9)).toBeUndefined();
	});

	it('counts only what waits for the same worker', () => {
		const homes = [busy([[long('s'), long('a')]]), busy([[long('s'), long('b')]])];
		const requests = ['a', 'b', 'a', 'b'].map((one, i) => waiting([long('s'), long(one), `${i}`]));
		const other = idle([[long('s')]], { missed: 0.001 });
		expect(nextAssignment(requests, [other], homes, 9)).toBeUndefined();
		// Both hold it, so half of them wait for each.
		const twice = [homes[0]!, busy([[long('s'), long('a')]])];
		const same = ['c', 'd', 'e', 'f'].map((end) => waiting([long('s'), long('a'), end]));
		expect(nextAssignment(same, [other], twice, 9)).toBeUndefined();
		expect(nextAssignment(same, [other], twice.slice(1), 9)).toMatchObject(chosen(0, 0));
	});

	it('moves first what gains most by it, but what loses nothing goes before', () => {
		const home = busy([[long('s'), long('a'), long('b')]]);
		const requests = [
			waiting([long('s'), long('a'), long('b')]),
			waiting([long('s'), long('a'), 'c']),
			waiting([long('s'), long('a'), 'd'])
		];
		const other = idle([[long('s')]], { missed: 0.001 });
		expect(nextAssignment(requests, [other], [home], 9)).toMatchObject(chosen(1, 0));
		const atHome = waiting([long('s'), 'new']);
		expect(nextAssignment([...requests, atHome], [other], [home], 9)).toMatchObject(chosen(3, 0));
	});

	it('lets a worker that missed many requests, or never had one, take what moves at a loss', () => {
		const home = busy([[long('s'), long('a')]]);
		const requests = [waiting([long('s'), long('a'), 'b'])];
		const missed = (count: number) => [idle([[long('s')]], { missed: count })];
		expect(nextAssignment(requests, missed(5), [home], 9)).toBeUndefined();
		expect(nextAssignment(requests, missed(7), [home], 9)).toMatchObject(chosen(0, 0));
		expect(nextAssignment(requests, missed(Infinity), [home], 9)).toMatchObject(chosen(0, 0));
	});

	it('does not pass a request over more often than patience allows', () => {
		const requests = [waiting(['b'], { passedOver: 3 }), waiting(['aa'])];
		expect(nextAssignment(requests, [idle([['aa']])], [], 4)).toMatchObject(chosen(1, 0));
		expect(nextAssignment(requests, [idle([['aa']])], [], 3)).toMatchObject(chosen(0, 0));
	});

	it('lets an older request, but no younger one, go before one whose patience is used up', () => {
		const requests = [waiting(['ax']), waiting(['b'], { passedOver: 3 }), waiting(['aa'])];
		expect(nextAssignment(requests, [idle([['aa']])], [], 3)).toMatchObject(chosen(0, 0));
	});

	it('counts as passed over what the worker could have taken, not what waits for another', () => {
		const elsewhere = waiting([long('s'), long('a')]);
		const requests = [elsewhere, waiting([long('s'), 'x']), waiting([long('s'), long('b'), 'y'])];
		expect(
			nextAssignment(requests, [idle([[long('s'), long('b')]])], [busy([[long('s'), long('a')]])], 9)
		).toEqual({ request: 2, worker: 0, passedOver: [1] });
	});

	it('keeps a request that failed for a fresh worker, and puts it first there', () => {
		const failed = waiting(['aa'], { needsFresh: true });
		const fresh = idle([], { fresh: true });
		expect(nextAssignment([failed], [idle([['aa']])], [], 9)).toBeUndefined();
		expect(nextAssignment([failed, waiting(['aa'])], [idle([['aa']])], [], 9)).toMatchObject(chosen(1, 0));
		expect(nextAssignment([waiting(['aa']), failed], [idle([['aa']]), fresh], [], 9)).toMatchObject(
			chosen(1, 1)
		);
	});
});
