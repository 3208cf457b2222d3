import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssistantMessage } from '../../src/dialogue/message.ts';
import { ToolNames } from '../../src/dialogue/tool-names.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));
const renamed = (...names: string[]) =>
	new ToolNames(named(...names)).tools(named(...names)).map(({ name }) => name);
const call = (name: string): AssistantMessage => ({
	role: 'assistant',
	content: '',
	tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: {} } }]
});
const calledIn = ({ tool_calls: calls }: AssistantMessage) => calls?.[0]?.function.name;

describe('names of tools as the OpenAI API takes them', () => {
	it('are what they were, or near it', () => {
		expect(renamed('search', 'constructor', 'a-b_1')).toEqual(['search', 'constructor', 'a-b_1']);
		expect(renamed('maps.search', 'a/b', 'x'.repeat(80))).toEqual(['maps_search', 'a_b', 'x'.repeat(64)]);
	});

	it('differ where one would be that of another tool', () => {
		expect(renamed('a_b', 'a.b', 'a/b')).toEqual(['a_b', 'a_b_108bf50c', 'a_b_3a8e75c1']);
		expect(new Set(renamed(`${'x'.repeat(70)}1`, `${'x'.repeat(70)}2`)).size).toBe(2);
	});

	it('are allowed, all different, lead back and do not depend on the order', () => {
		const part = fc.constantFrom('a', 'B', '1', '_', '-', '.', '/', 'x'.repeat(40));
		const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
		fc.assert(
			fc.property(fc.uniqueArray(name, { maxLength: 8 }), (names) => {
				const known = new ToolNames(named(...names));
				const others = known.tools(named(...names)).map((tool) => tool.name);
				expect(new Set(others).size).toBe(names.length);
				for (const [index, other] of others.entries()) {
					expect(other).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
					expect(calledIn(known.messages([call(names[index]!)])[0] as AssistantMessage)).toBe(other);
					expect(calledIn(known.restored(call(other)))).toBe(names[index]);
				}
				expect(new ToolNames(named(...names.toReversed())).changes).toEqual(known.changes);
			})
		);
	});

	it('of a reply are found again, also those that came back as they were and those of no tool', () => {
		const names = new ToolNames(named('maps.search'));
		expect(calledIn(names.restored(call('maps_search')))).toBe('maps.search');
		expect(calledIn(names.restored(call('maps.search')))).toBe('maps.search');
		expect(calledIn(names.restored(call('maps_find')))).toBe('maps_find');
		expect(calledIn(names.messages([call('maps.find now')])[0] as AssistantMessage)).toBe('maps_find_now');
	});
});
