import { expect, it } from 'vitest';
import { compactTools, compactToolsSection } from '../../src/dialogue/hermes-write.ts';
import type { JsonObject } from '../../src/base/json.ts';

const tool = (name: string, parameters: JsonObject) => ({ name, description: 'Does.', parameters });

it('names each tool and its parameters in a line, in the order of both', () => {
	const tools = [
		tool('search', { type: 'object', properties: { name: {}, area: { type: 'string' } } }),
		tool('desk.now', {})
	];
	expect(compactTools(tools)).toBe('search(name, area)\ndesk.now()');
	expect(compactTools([])).toBe('');
	expect(compactToolsSection(tools)).toBe('\n\nTools:\nsearch(name, area)\ndesk.now()');
});
