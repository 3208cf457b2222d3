import { describe, expect, it } from 'vitest';
import { emptyPrompt, extendPrompt } from '../../src/models/prompt.ts';
import { PromptTree } from '../../src/models/prompt-tree.ts';

const promptOf = (...pieces: readonly string[]) => extendPrompt(emptyPrompt, pieces);

describe('PromptTree', () => {
	it('counts characters up to the first difference', () => {
		const tree = new PromptTree(10);
		expect(tree.shared(promptOf('a'))).toBe(0);
		tree.add(promptOf('system', 'help'));
		tree.add(promptOf('system', 'hello', 'more'));
		expect(tree.shared(promptOf('system', 'helium'))).toBe(9);
		expect(tree.shared(promptOf('system', 'hello'))).toBe(11);
		expect(tree.shared(promptOf('system', 'hello', 'more', 'and more'))).toBe(15);
		expect(tree.shared(promptOf())).toBe(0);
		expect(tree.shared(promptOf('ystem'))).toBe(0);
	});

	it('tells what the last one begins with', () => {
		const tree = new PromptTree(10);
		expect(tree.held(promptOf('a'))).toBe(0);
		tree.add(promptOf('system', 'hello', 'more'));
		tree.add(promptOf('system', 'help'));
		expect(tree.held(promptOf('system', 'hello', 'more'))).toBe(9);
		expect(tree.held(promptOf('system', 'help', 'me'))).toBe(10);
		expect(tree.held(promptOf('system'))).toBe(6);
	});

	it('forgets what is longest ago', () => {
		const tree = new PromptTree(2);
		for (const prompt of ['a', 'b', 'c']) tree.add(promptOf(prompt));
		expect(['a', 'b', 'c'].map((prompt) => tree.shared(promptOf(prompt)))).toEqual([1, 1, 1]);
		for (const prompt of ['d', 'e']) tree.add(promptOf(prompt));
		expect(['a', 'b', 'c', 'd', 'e'].map((prompt) => tree.shared(promptOf(prompt)))).toEqual([0, 0, 1, 1, 1]);
	});
});
