import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compactTools } from '../../src/dialogue/hermes-write.ts';
import { earnsGoal } from '../../src/environment/earns.ts';
import type { ExecutedCall, Goal } from '../../src/environment/environment.ts';
import { loadEnvironment, packTables } from '../../src/environment/pack-environment.ts';
import type { Pack } from '../../src/environment/pack-format.ts';
import { writePackText } from '../../src/environment/pack-text.ts';
import { parsePack } from '../../src/environment/pack.ts';
import { shippedPacks } from '../../src/environment/shipped.ts';
import { slotsOf } from '../../src/environment/travel/domains.ts';
import { contentOf, matchingRows } from '../../src/environment/travel/tasks.ts';
import { generateTravel, shippedSeed } from '../../src/environment/travel/travel.ts';

const travel = generateTravel(shippedSeed);
const { pack, world, tasks } = travel;
const tables = packTables(pack);
const earns = (goal: Goal, executed: ExecutedCall) => executed.ok && earnsGoal(goal, executed);
const small = { train: 20, val: 5, test: 5 };

describe('the shipped pack', () => {
	test('is what the generator makes, and valid', () => {
		const text = readFileSync(new URL('../../public/packs/travel.json', import.meta.url), 'utf8');
		// toBe would print megabytes.
		expect(text === writePackText(pack), 'run `npx tsx model/travel-pack.ts`').toBe(true);
		expect(parsePack(JSON.parse(text))).toEqual(pack);
	});
	test('says of its tools what small models are told of them', async () => {
		for (const name of shippedPacks) {
			const text = readFileSync(new URL(`../../public/packs/${name}.json`, import.meta.url), 'utf8');
			const { tools, warnings } = await loadEnvironment(text);
			expect(compactTools(tools)).toBe((JSON.parse(text) as Pack).toolsText);
			expect(warnings).toBeUndefined();
		}
	});
	test('has printable ASCII only', () => {
		expect(writePackText(pack)).toMatch(/^[\t\n -~]*$/);
	});
	test('has its splits, and tables of about a hundred rows', () => {
		const count = (split: string): number =>
			pack.scenarios.filter((scenario) => scenario.split === split).length;
		expect([count('train'), count('val'), count('test')]).toEqual([2000, 200, 450]);
		for (const rows of Object.values(world)) {
			expect(rows.length).toBeGreaterThan(70);
			expect(rows.length).toBeLessThan(140);
		}
	});
});

describe('scenarios', () => {
	test('no two have the same goal calls, in whatever order', () => {
		const contents = pack.scenarios.map(({ id }) => contentOf(tasks.get(id)!));
		expect(new Set(contents).size).toBe(pack.scenarios.length);
		const [two] = [...tasks.values()].filter((list) => list.length === 2);
		expect(contentOf([...two!].reverse())).toBe(contentOf(two!));
	});
	test("every goal's own call earns it, with the target first", () => {
		for (const scenario of pack.scenarios) {
			const state = tables.initial;
			for (const goal of scenario.goals) {
				const { executed } = tables.call(state, goal);
				expect(executed.ok).toBe(true);
				expect(earns(goal, executed)).toBe(true);
				if (goal.returnsFirst) expect(executed.result).toEqual([expect.objectContaining(goal.returnsFirst)]);
			}
		}
	});
	test('no goal is earned by the call of another of its scenario', () => {
		for (const scenario of pack.scenarios) {
			const state = tables.initial;
			for (const goal of scenario.goals) {
				const { executed } = tables.call(state, goal);
				expect(scenario.goals.filter((other) => earns(other, executed))).toEqual([goal]);
			}
		}
	});
	test('what is tried first matches nothing', () => {
		const withFallback = [...tasks.values()].flat().filter(({ firstTry }) => firstTry);
		expect(withFallback.length).toBeGreaterThan(300);
		for (const { domain, wanted, firstTry } of withFallback) {
			const first = { name: `search_${domain}`, arguments: { ...wanted, ...firstTry } };
			expect(tables.call(tables.initial, first).executed.result).toEqual([]);
		}
	});
	test('the sentences name every value of the goals, and of the first try', () => {
		for (const scenario of pack.scenarios) {
			const text = scenario.userGoals.join('\n');
			for (const { wanted, firstTry, booking } of tasks.get(scenario.id)!) {
				for (const slots of [wanted, firstTry ?? {}, booking ?? {}]) {
					for (const value of Object.values(slots)) expect(text).toContain(String(value));
				}
			}
		}
	});
	test('one to three domains, each of them often, some without a booking', () => {
		const count = (n: number): number => pack.scenarios.filter(({ domains }) => domains.length === n).length;
		for (const n of [1, 2, 3]) expect(count(n)).toBeGreaterThan(400);
		for (const domain of Object.keys(slotsOf)) {
			expect(pack.scenarios.filter(({ domains }) => domains.includes(domain)).length).toBeGreaterThan(600);
		}
		const unbooked = [...tasks.values()]
			.flat()
			.filter(({ domain, booking }) => domain === 'hotel' && !booking);
		expect(unbooked.length).toBeGreaterThan(100);
	});
});

describe('worlds', () => {
	test('the same seed gives the same environment', () => {
		expect(generateTravel(7, small).pack).toEqual(generateTravel(7, small).pack);
	});
	test('another seed gives other names and other scenarios, with the same words and columns', () => {
		const other = generateTravel(8, small);
		const names = new Set(world.hotel.map(({ name }) => name));
		expect(other.world.hotel.filter(({ name }) => names.has(name)).length).toBeLessThan(20);
		expect(Object.keys(other.world.hotel[0]!)).toEqual(Object.keys(world.hotel[0]!));
		const words = (w: typeof world): string[] => w.hotel.flatMap(({ name }) => name.split(' '));
		const known = new Set(
			[1, 2, 3, 4, 5, 6, 7].flatMap((seed) => words(generateTravel(100 + seed, small).world))
		);
		expect(words(other.world).filter((word) => known.has(word)).length).toBeGreaterThan(250);
		expect(parsePack(JSON.parse(JSON.stringify(other.pack)))).toEqual(other.pack);
	});
	test('a search asks for trains that leave at the time or later, earliest first', () => {
		const { from, to, day, leave } = world.train[40]!;
		const found = matchingRows(world, 'train', { from, to, day, leave: '00:00' });
		expect(found.map((row) => row['leave'])).toEqual(found.map((row) => row['leave']).sort());
		expect(matchingRows(world, 'train', { from, to, day, leave })[0]).toMatchObject({ leave });
	});
});
