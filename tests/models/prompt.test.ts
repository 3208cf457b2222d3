import { describe, expect, it } from 'vitest';
import { preparePrompt } from '../../src/models/prompt.ts';
import type { ToolSpec } from '../../src/dialogue/tool.ts';
import { request } from './fake-model.ts';

describe('preparePrompt', () => {
	it('ignores call ids, which no model sees', () => {
		const withId = (id: string) =>
			preparePrompt({
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
		const piece = (...tools: readonly ToolSpec[]) => preparePrompt({ ...request('hi'), tools }).prefixes[1];
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
