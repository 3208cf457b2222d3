import { expect, test } from 'vitest';
import { leaksIn } from './leaks.ts';

const rules = { tools: ['search_hotel', 'book.table'], controlTokens: ['<|im_end|>'] };
const leaks = (content: string, isProblem = false) =>
	leaksIn({ message: { role: 'assistant', content, seenBy: 'both' }, isProblem }, rules);

test.each([
	['words', 'I can look for hotels in the north. What price?'],
	['words about a tool', 'I would use search_hotel for that, with area="north".'],
	['JSON that is no call', '{"name": "Grand Hotel", "area": "north"}'],
	['code', 'if a < b and c > d: think(twice)']
])('%s pass', (_, content) => {
	expect(leaks(content)).toEqual([]);
});

test.each([
	['a thought', 'Hm.</think>Hello.', 'a thought'],
	['a control token', 'Hello.<|im_end|>', 'the control token <|im_end|>'],
	['a mark', '<tool_call>\n{"name": "other"}', 'the mark of a call'],
	['JSON', 'Sure: {"name": "search_hotel", "parameters": {}}', 'a call of search_hotel'],
	['a line', 'Let me see.\n[search_hotel(area="north")]', 'a call of search_hotel'],
	['a line without arguments', 'book.table()', 'a call of book.table']
])('%s is found', (_, content, leak) => {
	expect(leaks(content).join()).toContain(leak);
});

test('a reply that is known to be unreadable may hold its call, never a thought', () => {
	expect(leaks('<tool_call>{"name": "search_hotel", "arguments": ', true)).toEqual([]);
	expect(leaks('<think>Hm.', true)).toEqual(['a thought']);
});
