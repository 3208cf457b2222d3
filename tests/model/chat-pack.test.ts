import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateChat } from '../../model/chat-pack.ts';
import { SearchedText } from '../../src/base/words.ts';
import { writePackText } from '../../src/environment/pack-text.ts';
import { parsePack } from '../../src/environment/pack.ts';

const pack = generateChat();

test('the shipped pack is what the generator makes, and valid', () => {
	const text = readFileSync(new URL('../../public/packs/chat.json', import.meta.url), 'utf8');
	expect(text === writePackText(pack), 'run `npx tsx model/chat-pack.ts`').toBe(true);
	expect(parsePack(JSON.parse(text))).toEqual(pack);
});

test('no two scenarios ask the same, and no question gives its answer away', () => {
	const asked = pack.scenarios.map(({ userGoals }) => [...userGoals].sort().join('\n'));
	expect(new Set(asked).size).toBe(pack.scenarios.length);
	for (const { userGoals, says } of pack.scenarios) {
		expect(says).toHaveLength(userGoals.length);
		for (const [index, { any }] of says!.entries()) {
			const words = new SearchedText([userGoals[index]!]);
			for (const value of any) expect(words.has(value), `${userGoals[index]} ${value}`).toBe(false);
		}
	}
});

test('facts that are asked for are in the prompt', () => {
	const known = new SearchedText([pack.prompts.agent]);
	const facts = pack.scenarios.flatMap(({ says }) => says!.filter(({ id }) => id === 'fact'));
	expect(facts.length).toBeGreaterThan(20);
	for (const { any } of facts) expect(known.has(any[0]!)).toBe(true);
});
