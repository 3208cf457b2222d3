import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { earnsGoal, isSubset } from '../../src/environment/earns.ts';
import type { Goal } from '../../src/environment/environment.ts';

const row = { name: 'Fox Grill', food: 'thai', area: 'north', price: 'cheap' };
const search: Goal = {
	id: 's',
	name: 'search',
	arguments: { food: 'thai', area: 'north' },
	match: 'either_subset'
};
const searchOfRow: Goal = { ...search, returnsFirst: { name: 'Fox Grill' } };
const book: Goal = { id: 'b', name: 'book', arguments: { name: "Fox's Grill", people: 4 }, match: 'subset' };

function earned(goal: Goal, args: JsonObject, result: Json, name = goal.name): boolean {
	return earnsGoal(goal, { name, arguments: args, result, ok: true });
}

describe('subset (josh-behaviour.md, section 3)', () => {
	test.each<[string, JsonObject, JsonObject, boolean]>([
		['more on the right', { a: 'x' }, { a: 'x', b: 'y' }, true],
		['less on the right', { a: 'x', b: 'y' }, { a: 'x' }, false],
		['nothing on the left', {}, {}, true],
		['letter case and apostrophes do not count', { a: "Ben's Cafe" }, { a: 'bens cafe' }, true],
		['spaces count', { a: 'x' }, { a: ' x' }, false],
		[
			'empty values on the left drop out',
			{ a: '', b: "don't care", c: 'dontcare', d: 'not mentioned' },
			{},
			true
		],
		['so does "do n\'t care" and "dont care"', { a: "do n't care", b: 'dont care' }, {}, true],
		['empty values on the right drop out', { a: '' }, { a: '' }, true],
		['an empty value is no match', { a: 'x' }, { a: '' }, false],
		['empty is tested before letter case', { a: 'Dontcare' }, {}, false],
		['4 and 4.0 are one number', { a: 4 }, { a: 4.0 }, true],
		['a number is not its text', { a: 4 }, { a: '4' }, false],
		['true is 1, as to Python', { a: true }, { a: 1 }, true],
		['null is null', { a: null }, { a: null }, true],
		['keys are exact', { a: 'x' }, { A: 'x' }, false],
		['lists are equal by their items', { a: ['x', [1]] }, { a: ['x', [1]] }, true],
		['in their order', { a: ['x', 'y'] }, { a: ['y', 'x'] }, false],
		['objects by their members, in any order', { a: { b: 1, c: [] } }, { a: { c: [], b: 1 } }, true],
		['all of them', { a: { b: 1 } }, { a: { b: 1, c: 2 } }, false],
		[
			'letter case and apostrophes do not count inside',
			{ a: ["Ben's", { b: 'X' }] },
			{ a: ['bens', { b: 'x' }] },
			true
		],
		['keys inside are exact', { a: { b: 1 } }, { a: { B: 1 } }, false],
		['inside, the words for no value are words', { a: ['dont care'] }, { a: ['x'] }, false],
		['large numbers by all their digits', { a: [2n ** 60n] }, { a: [2n ** 60n + 1n] }, false],
		['and equal ones are', { a: [2n ** 60n] }, { a: [2n ** 60n] }, true],
		['a name of every object is not there', { constructor: 'x' }, {}, false]
	])('%s', (_, part, whole, expected) => {
		expect(isSubset(part, whole)).toBe(expected);
	});
});

describe('bookings', () => {
	test('the goal must be in the call', () => {
		expect(earned(book, { name: 'foxs grill', people: 4, day: 'friday' }, { ref: 'A1000' })).toBe(true);
		expect(earned(book, { name: 'Foxs Grill' }, { ref: 'A1000' })).toBe(false);
		expect(earned(book, { name: 'Foxs Grill', people: 5 }, { ref: 'A1000' })).toBe(false);
	});
	test('what came back is not looked at, the name of the tool is', () => {
		expect(earned(book, book.arguments, 'ERROR')).toBe(true);
		expect(earned(book, book.arguments, {}, 'book_other')).toBe(false);
	});
});

describe('searches', () => {
	test.each<[string, JsonObject, Json, boolean, boolean]>([
		// [what, arguments, result, earned without a wanted row, earned with one]
		['the goal itself', { food: 'thai', area: 'north' }, [row], true, true],
		['more than the goal', { food: 'thai', area: 'north', price: 'cheap' }, [row], true, true],
		['the goal, another row', { food: 'thai', area: 'north' }, [{ ...row, name: 'Bear' }], true, false],
		[
			'the goal, the row second',
			{ food: 'thai', area: 'north' },
			[{ ...row, name: 'Bear' }, row],
			true,
			false
		],
		['less than the goal', { food: 'thai' }, [row], true, true],
		['nothing asked', {}, [row], true, true],
		[
			'less, a row that does not fit',
			{ food: 'thai' },
			[{ ...row, area: 'south', name: 'Bear' }],
			false,
			false
		],
		['less, another row that fits', { food: 'thai' }, [{ ...row, name: 'Bear' }], true, false],
		['neither more nor less', { food: 'thai', price: 'cheap' }, [row], false, false],
		['a wrong value', { food: 'thai', area: 'south' }, [row], false, false],
		['nothing found', { food: 'thai', area: 'north' }, [], false, false],
		['text', { food: 'thai', area: 'north' }, 'ERROR', false, false],
		['one row, not in a list', { food: 'thai', area: 'north' }, row, true, true],
		[
			'the name in other letters',
			{ food: 'thai', area: 'north' },
			[{ ...row, name: 'fox grill' }],
			true,
			false
		]
	])('%s', (_, args, result, plain, ofRow) => {
		expect(earned(search, args, result)).toBe(plain);
		expect(earned(searchOfRow, args, result)).toBe(ofRow);
	});
});
