import { describe, expect, it } from 'vitest';
import {
	nextAssignment,
	promptPieces,
	sharedLength,
	type IdleWorker,
	type WaitingRequest
} from '../../src/models/scheduling.ts';
import { request } from './fake-model.ts';

const waiting = (pieces: string[], rest: Partial<WaitingRequest> = {}): WaitingRequest => ({
	pieces,
	passedOver: 0,
	needsFresh: false,
	...rest
});
const idle = (prompts: string[][], fresh = false): IdleWorker => ({ prompts, fresh });

describe('sharedLength', () => {
	it('counts characters up to the first difference', () => {
		expect(sharedLength(['system', 'hello'], ['system', 'help'])).toBe(9);
		expect(sharedLength(['system', 'hello'], ['system', 'hello', 'more'])).toBe(11);
		expect(sharedLength([], ['a'])).toBe(0);
		expect(sharedLength(['ab'], ['b'])).toBe(0);
	});
});

describe('promptPieces', () => {
	it('ignores call ids, which no model sees', () => {
		const withId = (id: string) =>
			promptPieces({
				...request('hi'),
				messages: [
					{
						role: 'assistant',
						content: '',
						tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: { a: 1 } } }]
					}
				]
			});
		expect(withId('a')).toEqual(withId('b'));
	});
});

describe('nextAssignment', () => {
	it('has nothing to give without requests or workers', () => {
		expect(nextAssignment([], [idle([])], 9)).toBeUndefined();
		expect(nextAssignment([waiting(['a'])], [], 9)).toBeUndefined();
	});

	it('routes a request to the worker whose cache shares the longest prefix', () => {
		const workers = [idle([['x']]), idle([['ab'], ['abcd']]), idle([['abc']])];
		expect(nextAssignment([waiting(['abcde'])], workers, 9)).toEqual({ request: 0, worker: 1 });
	});

	it('gives a worker the request that fits it best, the oldest among equals', () => {
		const requests = [waiting(['b']), waiting(['aab']), waiting(['aab'])];
		expect(nextAssignment(requests, [idle([['aa']])], 9)).toEqual({ request: 1, worker: 0 });
	});

	it('prefers the worker that is idle for longest when nothing is shared', () => {
		expect(nextAssignment([waiting(['b'])], [idle([['x']]), idle([['y']])], 9)).toEqual({
			request: 0,
			worker: 0
		});
	});

	it('does not pass a request over more often than patience allows', () => {
		const requests = [waiting(['b'], { passedOver: 3 }), waiting(['aa'])];
		expect(nextAssignment(requests, [idle([['aa']])], 4)).toEqual({ request: 1, worker: 0 });
		expect(nextAssignment(requests, [idle([['aa']])], 3)).toEqual({ request: 0, worker: 0 });
	});

	it('lets an older request, but no younger one, go before one whose patience is used up', () => {
		const requests = [waiting(['ax']), waiting(['b'], { passedOver: 3 }), waiting(['aa'])];
		expect(nextAssignment(requests, [idle([['aa']])], 3)).toEqual({ request: 0, worker: 0 });
	});

	it('keeps a request that failed for a fresh worker, and puts it first there', () => {
		const failed = waiting(['aa'], { needsFresh: true });
		expect(nextAssignment([failed], [idle([['aa']])], 9)).toBeUndefined();
		expect(nextAssignment([failed, waiting(['aa'])], [idle([['aa']])], 9)).toEqual({ request: 1, worker: 0 });
		expect(nextAssignment([waiting(['aa']), failed], [idle([['aa']]), idle([], true)], 9)).toEqual({
			request: 1,
			worker: 1
		});
	});
});
