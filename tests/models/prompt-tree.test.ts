import { describe, expect, it } from 'vitest';
import { PromptTree, promptPieces } from '../../src/models/prompt-tree.ts';
import type { ToolSpec } from '../../src/dialogue/tool.ts';
import { request } from './fake-model.ts';

describe('PromptTree', () => {
	it('counts characters up to the first difference', () => {
		const tree = new PromptTree(10);
		expect(tree.shared(['a'])).toBe(0);
		tree.add(['system', 'help']);
		tree.add(['system', 'hello', 'more']);
		expect(tree.shared(['system', 'helium'])).toBe(9);
		expect(tree.shared(['system', 'hello'])).toBe(11);
		expect(tree.shared(['system', 'hello', 'more', 'and more'])).toBe(15);
		expect(tree.shared([])).toBe(0);
		expect(tree.shared(['ystem'])).toBe(0);
	});

	it('tells what the last one begins with', () => {
		const tree = new PromptTree(10);
		expect(tree.held(['a'])).toBe(0);
		tree.add(['system', 'hello', 'more']);
		tree.add(['system', 'help']);
		expect(tree.held(['system', 'hello', 'more'])).toBe(9);
		expect(tree.held(['system', 'help', 'me'])).toBe(10);
		expect(tree.held(['system'])).toBe(6);
	});

	it('forgets what is longest ago', () => {
		const tree = new PromptTree(2);
		for (const prompt of ['a', 'b', 'c']) tree.add([prompt]);
		expect(['a', 'b', 'c'].map((prompt) => tree.shared([prompt]))).toEqual([1, 1, 1]);
		for (const prompt of ['d', 'e']) tree.add([prompt]);
		expect(['a', 'b', 'c', 'd', 'e'].map((prompt) => tree.shared([prompt]))).toEqual([0, 0, 1, 1, 1]);
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

	it('begins otherwise for other tools, and alike for the same', () => {
		const piece = (...tools: readonly ToolSpec[]) => promptPieces({ ...request('hi'), tools })[0];
		const tool = (name: string, ...parameters: readonly string[]): ToolSpec => ({
			name,
			description: 'Does.',
			parameters: { type: 'object', properties: Object.fromEntries(parameters.map((one) => [one, {}])) }
		});
		expect(piece(tool('f', 'a'), tool('g'))).toBe(piece(tool('f', 'a'), tool('g')));
		const all = [
			piece(),
			piece(tool('f')),
			piece(tool('g')),
			piece(tool('f', 'a')),
			piece(tool('f'), tool('g'))
		];
		expect(new Set(all).size).toBe(all.length);
	});
});
