import fc from 'fast-check';
import { parseJson } from '../../src/base/json-read.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';

const wholeNumbers = fc.oneof(
	fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
	fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n })
);

/** Any value that JSON can hold, large whole numbers among them. */
export const anyJson: fc.Arbitrary<Json> = fc
	.oneof(
		{ weight: 3, arbitrary: fc.jsonValue({ stringUnit: 'binary' }).map((value) => JSON.stringify(value)) },
		{ weight: 1, arbitrary: fc.array(wholeNumbers).map((numbers) => `[${numbers.join()}]`) }
	)
	.map(parseJson);

export const anyArguments: fc.Arbitrary<JsonObject> = fc
	.dictionary(fc.string({ unit: 'binary' }), anyJson)
	.map((members) => Object.fromEntries(Object.entries(members)));
