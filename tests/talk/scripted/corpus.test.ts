import { expect, test } from 'vitest';
import { Corpus } from '../../../model/corpus.ts';
import { Random } from '../../../src/base/random.ts';
import { contentOf, sampleTasksOutside } from '../../../src/environment/travel/tasks.ts';
import { generateTravel, shippedSeed } from '../../../src/environment/travel/travel.ts';

const corpus = new Corpus(9, 'mixed');
const dialogues = Array.from({ length: 300 }, (_, number) => corpus.views(number));
const views = dialogues.flat();
/** The context has 2,048 tokens, of about four characters each; a fifth stays free. */
const longestCharacters = 0.8 * 2048 * 4;

test("every dialogue from the user's side, most from the agent's too, a tenth of them chats", () => {
	const users = views.filter(({ role }) => role === 'user');
	expect(users).toHaveLength(300);
	const agents = dialogues.filter((both) => both.some(({ role }) => role === 'agent')).length / 300;
	expect(agents).toBeGreaterThan(0.5);
	expect(agents).toBeLessThan(0.75);
	const chats = users.filter(({ kind }) => kind === 'chat').length / 300;
	expect(chats).toBeGreaterThan(0.05);
	expect(chats).toBeLessThan(0.15);
});

test('the same number gives the same dialogue, whatever was made before', () => {
	const other = new Corpus(9, 'mixed');
	for (const number of [299, 7, 150]) {
		expect(other.views(number)).toEqual(dialogues[number]);
	}
});

test("spans are the assistant's words with their end, all of them and nothing else", () => {
	const ends = (text: string): number => text.split('<|im_start|>assistant\n').length - 1;
	for (const { text, spans } of views) {
		expect(spans).toHaveLength(ends(text));
		for (const [start, end] of spans) {
			expect(text.slice(0, start).endsWith('<|im_start|>assistant\n')).toBe(true);
			expect(text.slice(start, end)).toMatch(/^[^|]+<\|im_end\|>$/);
			expect(text.slice(end).startsWith('\n')).toBe(true);
		}
	}
});

test('ASCII that fits the context, both views ending with what a model wrote', () => {
	for (const { text, spans } of views) {
		expect(text).toMatch(/^[\n -~]+$/);
		expect(text.length).toBeLessThan(longestCharacters);
		expect(spans.at(-1)![1]).toBe(text.length - 1);
	}
});

test('the goal calls of validation and test scenarios are kept out', () => {
	const { pack, world, tasks } = generateTravel(shippedSeed);
	const heldOut = pack.scenarios.filter(({ split }) => split !== 'train');
	const prompt = (text: string): string => text.slice(0, text.indexOf('<|im_end|>'));
	const told = new Set(views.filter(({ role }) => role === 'user').map(({ text }) => prompt(text)));
	for (const { userGoals } of heldOut) {
		expect([...told].some((text) => text.includes(`:\n${userGoals.join('\n')}\nWhen`))).toBe(false);
	}
	// The same draws again, with everything drawn before now held out.
	const draw = (contents: ReadonlySet<string>): string[] => {
		const random = new Random('held out');
		return Array.from({ length: 200 }, () => contentOf(sampleTasksOutside(random, world, contents)));
	};
	const first = new Set(draw(new Set(heldOut.map(({ id }) => contentOf(tasks.get(id)!)))));
	expect(draw(first).filter((content) => first.has(content))).toEqual([]);
});
