import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import { parseJson } from '../../src/base/json-read.ts';
import { jsonText, type Json, type JsonObject } from '../../src/base/json.ts';
import { goalCalls } from '../../src/talk/rewards/goal-calls.ts';
import { createEnvironment, loadEnvironment, packTables } from '../../src/environment/pack-environment.ts';
import type { ExecutedCall, Goal } from '../../src/environment/environment.ts';
import type { Pack } from '../../src/environment/pack-format.ts';
import { parsePack } from '../../src/environment/pack.ts';
import { writeUserPrompt } from '../../src/environment/prompts.ts';
import { anyJson } from '../base/any-json.ts';
import { deskPack } from './desk-pack.ts';

const environment = createEnvironment(parsePack(deskPack()), 'hash');
const tables = packTables(parsePack(deskPack()));
const scenario = environment.scenarios[0]!;
const start = tables.initial;

/** Whether a call earns the scenario's first goal, or a goal that is given. */
async function earns(executed: ExecutedCall, goal: Goal = scenario.goals[0]!): Promise<boolean> {
	const reward = goalCalls.create({}, { environment, scenario: { ...scenario, goals: [goal] } });
	const happened = { by: 'agent', calls: [executed], messages: [], transcript: [], state: start } as const;
	return (await reward.match(happened, [0])).length > 0;
}

function result(name: string, args: JsonObject, state = start): Json {
	return tables.call(state, { name, arguments: args }).executed.result;
}

describe('select', () => {
	test('rows in the order of the table, at most the limit', () => {
		expect(result('search_restaurant', {})).toEqual(start['restaurant']!.slice(0, 2));
		expect(result('search_restaurant', { area: 'south' })).toEqual(start['restaurant']!.slice(1));
	});
	test('letter case does not count', () => {
		expect(result('search_restaurant', { name: 'fox GRILL' })).toEqual([start['restaurant']![0]]);
	});
	test.each(['', 'any', 'dontcare', "Don't care"])('%j means no preference', (area) => {
		expect(result('search_restaurant', { food: 'french', area })).toEqual([start['restaurant']![2]]);
	});
	test('nothing fits', () => {
		expect(result('search_restaurant', { food: 'greek' })).toEqual([]);
	});
	test('other comparisons', () => {
		const pack = deskPack();
		Object.assign(pack.tools[0]!.do, { compare: { food: 'at or after', area: 'at or before' }, limit: 9 });
		const other = packTables(parsePack(pack));
		const call = { name: 'search_restaurant', arguments: { food: 'thai', area: 'north' } };
		expect(other.call(start, call).executed.result).toEqual([start['restaurant']![0]]);
	});
});

test('numbers are compared by their size, whatever their digits', () => {
	const pack = deskPack();
	pack.tables.restaurant.rows.forEach((row, index) => Object.assign(row, { price: [9, 10, 2 ** 53][index] }));
	Object.assign(pack.tools[0]!.parameters.properties, { price: { type: 'number' } });
	Object.assign(pack.tools[0]!.do, { compare: { price: 'at or after' }, limit: 9 });
	const { call } = packTables(parsePack(pack));
	const found = (price: Json) =>
		call({ restaurant: pack.tables.restaurant.rows }, { name: 'search_restaurant', arguments: { price } })
			.executed.result as Json[];
	expect([9, 10, 11, 2n ** 53n + 1n].map((price) => found(price).length)).toEqual([3, 2, 1, 0]);
});

test('keys of the new row are compared to their depths', () => {
	const pack = deskPack();
	Object.assign(pack.tools[1]!.do.row!, { ref: ['$args.people'] });
	const { call } = packTables(parsePack(pack));
	const booking = { name: 'book_restaurant', arguments: { name: 'fox grill', people: 2 } };
	const { state } = call(start, booking);
	expect(call(state, booking).executed.result).toEqual({
		error: 'there is a booking with ref ["$args.people"] already'
	});
});

describe('insert', () => {
	const call = { name: 'book_restaurant', arguments: { name: 'fox grill', people: 2 } };

	test('the new row is there, under a reference, with the name as the table has it', () => {
		const { state, executed } = tables.call(start, call);
		expect(executed.ok).toBe(true);
		expect(executed.result).toEqual({ ref: expect.stringMatching(/^[A-Z]\d{4}$/), name: 'Fox Grill' });
		expect(state['booking']).toEqual([{ ...(executed.result as JsonObject), people: 2 }]);
	});
	test('what it does not touch is shared, what it had is left alone', () => {
		const { state } = tables.call(start, call);
		const { state: later } = tables.call(state, call);
		expect(state['restaurant']).toBe(start['restaurant']);
		expect(later['booking']![0]).toBe(state['booking']![0]);
		expect(start['booking']).toEqual([]);
		expect(tables.call(state, { name: 'search_restaurant', arguments: {} }).state).toBe(state);
	});
	test('the same call in the same state gives the same reference, in a later state another', () => {
		const first = tables.call(start, call);
		expect(tables.call(start, call).executed).toEqual(first.executed);
		expect(tables.call(first.state, call).executed.result).not.toEqual(first.executed.result);
	});
});

describe('refusals say what to mend and leave the state as it was', () => {
	test.each<[string, JsonObject, string]>([
		['find', {}, 'unknown tool find, use search_restaurant, book_restaurant'],
		['book_restaurant', { name: 'Fox Grill' }, 'people is missing'],
		['book_restaurant', { name: 'Fox Grill', people: 2, day: 'friday' }, 'unknown argument day'],
		[
			'book_restaurant',
			{ name: 'Fox Grill', people: '2' },
			"people: Instance type 'string' is invalid. Expected 'integer'."
		],
		['book_restaurant', { name: 'Lion Grill', people: 2 }, 'no restaurant with name Lion Grill']
	])('%s %j', (name, args, error) => {
		const { state, executed } = tables.call(start, { name, arguments: args });
		expect(executed).toEqual({ name, arguments: args, result: { error }, ok: false });
		expect(state).toBe(start);
	});

	test('a refused booking earns nothing', async () => {
		const goal = { ...scenario.goals[1]!, arguments: { name: 'Lion Grill', people: 2 } };
		const { executed } = tables.call(start, goal);
		expect(await earns(executed, goal)).toBe(false);
		expect(await earns({ ...executed, ok: true }, goal)).toBe(true);
	});
});

describe('tools in a few words that a pack has of its own', () => {
	const derived = 'search_restaurant(name, food, area)\nbook_restaurant(name, people)';
	const warningsOf = (change: Partial<Pack>) =>
		createEnvironment({ ...parsePack(deskPack()), ...change }, '').warnings;

	test('are nothing to tell of if they are what the tools say, or missing', () => {
		expect(warningsOf({})).toBeUndefined();
		expect(warningsOf({ toolsText: derived })).toBeUndefined();
		expect(warningsOf({ tools: [], toolsText: '' })).toBeUndefined();
	});

	test('are told of, with what is used instead, if they are not', () => {
		const begins = 'the toolsText of the pack "desk" differs from its tools and is not used: ';
		const told = `${begins}models that are told of tools in a few words are told`;
		expect(warningsOf({ toolsText: derived.replace('people', 'guests') })).toEqual([
			`${told} "book_restaurant(name, people)" instead`
		]);
		expect(warningsOf({ toolsText: '' })).toEqual([
			`${told} "search_restaurant(name, food, area)", "book_restaurant(name, people)" instead`
		]);
		for (const toolsText of [`${derived}\npay()`, derived.split('\n').reverse().join('\n'), `${derived}\n`])
			expect(warningsOf({ toolsText })).toEqual([`${told} of exactly its tools, in their order`]);
		const [tool] = parsePack(deskPack()).tools;
		const tools = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...tool!, name, parameters: {} }));
		expect(warningsOf({ tools, toolsText: 'one for all' })).toEqual([
			`${told} "a()", "b()", "c()" and 2 more instead`
		]);
	});

	test('leave the hash of the pack as it was', async () => {
		const text = JSON.stringify({ ...deskPack(), toolsText: 'old' });
		const environment = await loadEnvironment(text, 'stored');
		expect(environment.hash).toBe(await sha256(text));
		expect(environment.warnings).toHaveLength(1);
	});
});

test('call never throws and always answers with JSON', async () => {
	const names = fc.oneof(fc.string(), fc.constantFrom('search_restaurant', 'book_restaurant', '__proto__'));
	const keys = fc.oneof(fc.string(), fc.constantFrom('name', 'people', 'food', 'constructor', '__proto__'));
	const values = fc.oneof(anyJson, fc.constantFrom('Fox Grill', 1, 2));
	const args = fc.oneof(fc.dictionary(keys, values), anyJson);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.tuple(names, args), { maxLength: 4 }), async (calls) => {
			let state = start;
			for (const [name, given] of calls) {
				const after = tables.call(state, { name, arguments: given as JsonObject });
				expect(parseJson(jsonText(after.executed.result))).toEqual(after.executed.result);
				expect(await earns(after.executed)).toBeTypeOf('boolean');
				state = after.state;
			}
		})
	);
});

test('in the pack of a stored run, a schema that cannot be used is a refusal, not a crash', () => {
	const pack = deskPack();
	Object.assign(pack.tools[0]!.parameters.properties, { name: { type: 'string', pattern: '(' } });
	expect(() => parsePack(pack)).toThrow('$.tools[0].parameters.properties.name.pattern');
	const call = { name: 'search_restaurant', arguments: { name: 'Fox' } };
	const { executed } = packTables(parsePack(pack, 'stored')).call(start, call);
	expect(executed.ok).toBe(false);
});

test('an environment from text has the hash of that text', async () => {
	const text = JSON.stringify(deskPack());
	const one = await loadEnvironment(text);
	expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
	expect((await loadEnvironment(`${text} `)).hash).not.toBe(one.hash);
	await expect(loadEnvironment('{}')).rejects.toThrow('$.format');
});

test("the user's prompt has the goals and the stop words", () => {
	expect(writeUserPrompt(environment.prompts, ['A $& b.', 'C.'])).toBe(
		'You want:\nA $& b.\nC.\nThen say DONE.'
	);
});

test('the environment carries out what its tables do, for the agent alone', async () => {
	const state = await environment.initial(scenario);
	const call = { name: 'book_restaurant', arguments: { name: 'Fox Grill', people: 2 } };
	const made = await environment.call(state, 'agent', call);
	expect(made).toEqual(tables.call(start, call));
	expect(await environment.tables!(made.state)).toMatchObject({ booking: [{ name: 'Fox Grill' }] });
	const byUser = await environment.call(state, 'user', call);
	expect(byUser).toMatchObject({ state, executed: { ok: false } });
});
