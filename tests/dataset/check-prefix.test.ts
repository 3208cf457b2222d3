import { describe, expect, it } from 'vitest';
import { writeJson, type Json, type JsonObject } from '../../src/base/json.ts';
import { ColumnTyping } from '../../src/dataset/check/column-typing.ts';
import { PrefixCheck } from '../../src/dataset/check/prefix-check.ts';

/*
 * What is expected here is what datasets 5.2 did with the same rows.
 */

function typesOf(...values: Json[]) {
	const typing = new ColumnTyping();
	for (const value of values) typing.add({ m: value });
	return Object.fromEntries(typing.types());
}

describe('columns', () => {
	it.each<[string, Json[], object]>([
		['objects with other keys', [{ d: 1 }, { e: 1 }], { m: 'json' }],
		['an object without keys', [{}, {}], { m: 'json' }],
		['objects beside lists', [{ d: 1 }, []], { m: 'json' }],
		['lists beside text', [[1], 'x'], { m: 'json' }],
		['lists of objects with other keys', [[{ d: 1 }], [{ d: 1, e: 1 }]], { 'm[]': 'json' }],
		[
			'the same keys in another order',
			[
				{ d: 1, e: 'x' },
				{ e: 'y', d: 2 }
			],
			{ 'm.d': 'integer', 'm.e': 'string' }
		],
		['a key with null', [{ d: null }, { d: 'x' }], { 'm.d': 'string' }],
		['null in place of an object', [null, { d: 'x' }], { 'm.d': 'string' }],
		['null alone', [{ d: null }], { 'm.d': 'null' }],
		['a list that is always empty', [[], []], { 'm[]': 'null' }],
		['whole numbers and others', [1, 2.5], { m: 'number' }],
		['numbers and text', [1, 'x'], { m: 'json' }],
		['days', ['2024-01-01', '2024-01-01 10:00'], { m: 'time' }],
		['times with a zone', ['2024-01-01T10:00:00+01:00'], { m: 'time' }],
		['days and text', ['2024-01-01', 'x'], { m: 'string' }],
		['days that are in no calendar', ['2023-02-29'], { m: 'string' }],
		['days without order', ['2024-13-01', '2024-01-01T24:00'], { m: 'string' }],
		['an hour with a zone', ['2024-01-01 10Z', '0001-01-01'], { m: 'time' }],
		['a day with a zone', ['2024-01-01Z'], { m: 'string' }],
		['no day', ['2024-1-1', '10:00', '2024-01-01T10:00:00.123'], { m: 'string' }]
	])('of %s', (_, values, types) => expect(typesOf(...values)).toEqual(types));
});

describe('the beginning of a file', () => {
	const padding = 'y'.repeat(2 ** 20);
	const early = { text: padding, m: { d: 1 } };

	function late(files: Readonly<Record<string, readonly JsonObject[]>>) {
		const check = new PrefixCheck();
		for (const [path, rows] of Object.entries(files))
			for (const row of rows) check.add(path, `${JSON.stringify(row)}\n`);
		return check.report()!.late;
	}

	const megabytes = (count: number) => Array.from({ length: count }, () => early);

	it.each<[string, JsonObject, string]>([
		['other keys', { e: 'x' }, 'm is json, but something else at the beginning'],
		['another type', { d: 'x' }, 'm.d is json, but integer at the beginning'],
		['a fraction', { d: 2.5 }, 'm.d is number, but integer at the beginning']
	])('does not know of %s behind 10 MB', (_, m, reason) => {
		expect(late({ 'kto/train': [...megabytes(11), { text: '', m }] })).toEqual([reason]);
		expect(late({ 'kto/train': [{ text: '', m }, ...megabytes(11)] })).toEqual([]);
		expect(late({ 'kto/train': [...megabytes(9), { text: '', m }] })).toEqual([]);
		// The test split is held to what the other one begins with.
		expect(late({ 'kto/train': [early], 'kto/test': [{ text: '', m }] })).toEqual([reason]);
	});

	it('is all of a short file', () => {
		const check = new PrefixCheck();
		expect(check.report()).toBeUndefined();
		check.add('kto/train', '{"args": {"day": "2024-01-01"}, "tools": [{"a": 1}, {"b": 1}]}\n');
		expect(check.report()).toEqual({
			path: 'kto/train',
			isDeclared: false,
			json: ['tools[]'],
			late: [],
			times: ['args.day'],
			changes: []
		});
	});
});

describe('values that come back as others', () => {
	function changes(isDeclared: boolean, ...values: Json[]) {
		const check = new PrefixCheck(isDeclared);
		for (const value of values) check.add('kto/train', `${writeJson({ m: value })}\n`);
		return check.report()!.changes;
	}

	const rounded = 'm.d holds numbers with more than ten decimals, which are rounded';
	const huge = 'm.d holds whole numbers beyond 63 bits, which are rounded or not read at all';

	it.each<[string, Json[], string[], string[]]>([
		['ten decimals', [{ d: 0.0123456789 }, { e: 1 }], [], []],
		['more decimals', [{ d: 0.01234567891 }, { d: 1e-11 }], [], [rounded]],
		['more decimals beside JSON', [{ d: 1e-11 }, { e: 1 }], [rounded], [rounded]],
		['whole numbers of 63 bits', [{ d: 2n ** 63n - 1n }, { d: -(2n ** 63n) }], [], []],
		['whole numbers beyond 63 bits', [{ d: 2n ** 63n }], [huge], [huge]],
		[
			'whole numbers beside others',
			[{ d: 2 }, { d: 0.5 }],
			['m.d holds whole numbers beside others, so that 2 is read as 2.0'],
			[]
		],
		[
			'text of JSON beside numbers',
			[{ d: '12' }, { d: 12 }],
			['m.d holds text such as "12" beside other values, which is read as what it spells'],
			[]
		],
		['other text beside numbers', [{ d: 'x1' }, { d: 12 }], [], []],
		['text of JSON alone', [{ d: '12' }, { d: 'true' }], [], []]
	])('%s', (_, values, inferred, declared) => {
		expect(changes(false, ...values)).toEqual(inferred);
		expect(changes(true, ...values)).toEqual(declared);
	});
});
