import { describe, expect, it } from 'vitest';
import { isMet, type Figure } from '../../bench/benchmark.ts';
import { PromptTrie } from '../../bench/page/prompt-trie.ts';
import { resultTable } from '../../bench/table.ts';

const figure = (value: number, target?: Figure['target']): Figure => ({
	name: 'share',
	value,
	unit: '%',
	...(target && { target })
});

describe('the figures of benchmarks', () => {
	it('are judged by their targets, on both sides', () => {
		expect(isMet(figure(5, { atMost: 5 }))).toBe(true);
		expect(isMet(figure(5.1, { atMost: 5 }))).toBe(false);
		expect(isMet(figure(0.8, { atLeast: 0.8 }))).toBe(true);
		expect(isMet(figure(0.7, { atLeast: 0.8 }))).toBe(false);
		expect(isMet(figure(NaN, { atLeast: 0.8 }))).toBe(false);
		expect(isMet(figure(1))).toBeUndefined();
	});

	it('are shown with what is missed', () => {
		const table = resultTable('idle', {
			figures: [figure(7.123, { atMost: 5 }), figure(12345)],
			notes: ['K = 2']
		});
		expect(table.split('\n')).toEqual([
			'idle',
			'  share  7.12 %    at most 5  MISSED',
			'  share  12,345 %',
			'  (K = 2)'
		]);
	});
});

describe('PromptTrie', () => {
	it('counts each position once', () => {
		const trie = new PromptTrie(10);
		expect(trie.add([1, 2, 3])).toBe(0);
		expect(trie.add([1, 2, 4, 3])).toBe(2);
		expect(trie.add([2, 3])).toBe(0);
		expect(trie.add([1, 2, 4, 3])).toBe(4);
		expect(trie.size).toBe(7);
		expect([trie.shared([1, 2, 4, 9]), trie.shared([3]), trie.shared([2, 3, 1])]).toEqual([3, 0, 2]);
	});
});
