import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkArguments } from '../../src/environment/arguments.ts';
import type { JsonObject } from '../../src/base/json.ts';

const id = 2512292042121000001n;
const schema = (x: JsonObject): JsonObject => ({ type: 'object', properties: { x } });
const problem = (x: JsonObject, value: JsonObject[string]) => checkArguments(schema(x), { x: value });

describe('whole numbers beyond 2^53 in arguments', () => {
	it('are integers and numbers, and nothing else', () => {
		expect(problem({ type: 'integer' }, id)).toBeUndefined();
		expect(problem({ type: 'number' }, -id)).toBeUndefined();
		expect(problem({ type: 'string' }, id)).toContain("Expected 'string'");
	});

	it('are told from their neighbours', () => {
		expect(problem({ enum: [id, id + 2n] }, id)).toBeUndefined();
		expect(problem({ enum: [id, id + 2n] }, id + 1n)).toContain(String(id + 2n));
		expect(problem({ const: id }, id + 1n)).toBeDefined();
		expect(problem({ type: 'array', uniqueItems: true }, [id, id + 1n, -id])).toBeUndefined();
		expect(problem({ type: 'array', uniqueItems: true }, [id, id + 1n, id])).toBeDefined();
	});

	it('are compared with every digit, and told of as they are', () => {
		const most = 9223372036854775807n;
		expect(problem({ maximum: most }, most)).toBeUndefined();
		expect(problem({ maximum: most }, most + 1n)).toBe(`x: ${most + 1n} is greater than ${most}.`);
		expect(problem({ minimum: 0, maximum: 10 }, id)).toContain(`${id} is greater than 10`);
		fc.assert(
			fc.property(
				fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n }),
				fc.integer({ min: -3, max: 3 }),
				(limit, by) => {
					const value = limit + BigInt(by);
					if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return;
					expect(problem({ exclusiveMinimum: limit }, value) === undefined).toBe(value > limit);
					expect(problem({ maximum: -limit }, -value) === undefined).toBe(-value <= -limit);
				}
			)
		);
	});

	it('are refused where they would have to be divided', () => {
		expect(problem({ type: 'integer', multipleOf: 5 }, id)).toBe(
			'x: a whole number beyond 2^53 cannot be divided exactly, so it is not taken here'
		);
		expect(problem({ multipleOf: 5 }, 10)).toBeUndefined();
		expect(checkArguments(schema({ multipleOf: 5 }), { x: 10, other: id })).toBeUndefined();
	});
});
