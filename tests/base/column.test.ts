import { expect, it } from 'vitest';
import { NumberColumn } from '../../src/base/column.ts';

it('holds numbers in their order', () => {
	const column = new NumberColumn();
	const values = [0, -1, 2 ** 52, 0.5, Number.NaN, ...Array.from({ length: 2000 }, (_, n) => n)];
	for (const value of values) column.push(value);
	expect(column.length).toBe(values.length);
	expect(values.map((_, index) => column.at(index))).toEqual(values);
	for (const index of [-1, values.length]) expect(() => column.at(index)).toThrow(RangeError);
});
