import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, parseJson, readJson } from '../../src/base/json-read.ts';
import {
	canonicalJson,
	isJson,
	JsonText,
	jsonText,
	writeJson,
	type JsonObject
} from '../../src/base/json.ts';
import { anyJson } from './any-json.ts';

describe('JSON text', () => {
	it('is written as chat templates write it', () => {
		expect(jsonText({ name: 'Amber Inn', stars: 4, tags: ['a', null, true] })).toBe(
			'{"name": "Amber Inn", "stars": 4, "tags": ["a", null, true]}'
		);
	});

	it('reads back as the same value, however it is written', () => {
		fc.assert(
			fc.property(anyJson, (value) => {
				for (const text of [jsonText(value), canonicalJson(value), writeJson(value), writeJson(value, '\t')])
					expect(canonicalJson(parseJson(text))).toBe(canonicalJson(value));
				const text = jsonText(value);
				expect(readJson(text, 0)).toMatchObject({ ok: true, text, end: text.length });
			})
		);
	});

	it('is that of JSON.stringify where that can write the value', () => {
		const big = 12345678901234567890n;
		fc.assert(
			fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
				for (const indent of ['', '\t', '  ']) {
					const plain = JSON.stringify([value, { a: value, b: undefined }, 'big', []], undefined, indent);
					expect(writeJson([value, { a: value, b: undefined }, big, []], indent)).toBe(
						plain.replace(/"big"(?=,\s*\[\]\s*\]$)/, String(big))
					);
				}
			})
		);
	});

	it('holds ready text as it is, and JSON.stringify cannot write that as something else', () => {
		const record = { amount: new JsonText('2.0'), all: [new JsonText('{"a": 1e2}')] };
		expect(writeJson(record)).toBe('{"amount":2.0,"all":[{"a": 1e2}]}');
		expect(jsonText(record)).toBe('{"amount": 2.0, "all": [{"a": 1e2}]}');
		expect(() => JSON.stringify(record)).toThrow(TypeError);
	});

	it('never stands for a number that JSON has not', () => {
		for (const value of [Infinity, -Infinity, NaN]) {
			expect(() => jsonText([value])).toThrow(RangeError);
			expect(() => canonicalJson({ a: value })).toThrow(RangeError);
			expect(isJson({ a: [value] })).toBe(false);
		}
		expect(isJson({ a: undefined })).toBe(false);
		expect(isJson({ a: [1, 2n ** 70n, null] })).toBe(true);
	});

	it('canonical text does not depend on the order of keys', () => {
		expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: 'x' })).toBe(
			canonicalJson({ a: 'x', b: [1, { c: 2, d: 1 }] })
		);
		expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
	});
});

describe('a number', () => {
	it.each([
		['2512292042121000001', 2512292042121000001n],
		['-9007199254740993', -9007199254740993n],
		['9007199254740991', 9007199254740991],
		['9007199254740992', 9007199254740992n],
		['9007199254740993.0', 9007199254740993n],
		['90071992547409930e-1', 9007199254740993n],
		['1e20', 10n ** 20n],
		['1.5E+3', 1500],
		['1e-7', 1e-7],
		['0.1', 0.1],
		['33.333333333333333333', 33.333333333333336],
		['-0', 0],
		['-0.0e5', 0],
		['5e-324', 5e-324]
	])('%s is %s', (text, value) => {
		expect(parseJson(text)).toBe(value);
		expect(parseJson(` [1, ${text} ] `)).toEqual([1, value]);
		expect(parseJson(`{"a":${text}}`)).toEqual({ a: value });
		expect(readJson(text, 0)).toMatchObject({ ok: true, value, text });
	});

	it.each([
		'1e400',
		'-1e309',
		'1e-400',
		'2.00000000000000000001',
		'9007199254740993.5',
		'123456789.999999999999'
	])('%s would become another one, so it is refused', (text) => {
		expect(() => parseJson(`{"a":[${text}]}`)).toThrow(JsonError);
		expect(() => parseJson(`{"a":[${text}]}`)).toThrow('at offset 6');
		expect(readJson(text, 0)).toMatchObject({ ok: false, at: 0 });
	});

	it.each(['NaN', 'Infinity', '-Infinity', '01', '1.', '.5', '0x10', '+1'])('%s is none', (text) => {
		expect(() => parseJson(`[${text}]`)).toThrow(JsonError);
		expect(readJson(`[${text}]`, 0)).toMatchObject({ ok: false });
	});

	it('that is written is the one that is read, digit for digit', () => {
		const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,40})$/);
		fc.assert(
			fc.property(digits, (text) => {
				expect(jsonText(parseJson(`[${text}]`))).toBe(`[${text === '-0' ? '0' : text}]`);
			})
		);
		// Of numbers with a fraction, what a float64 holds.
		fc.assert(
			fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
				expect(Number(parseJson(JSON.stringify(value)))).toBe(value === 0 ? 0 : value);
			})
		);
	});
});

describe('text that is read whole', () => {
	it.each([
		['', 'expected a JSON value at offset 0, found the end'],
		['{"a": 1,}', 'expected a member in double quotes or "}" at offset 8'],
		['[1,]', 'expected a JSON value at offset 3'],
		['[1] 2', 'expected the end at offset 4, found "2"'],
		['"a\nb"', 'expected an escape: this is a control character at offset 2'],
		['{"a": 1 "b": 2}', 'expected "," or "}" at offset 8']
	])('must be JSON: %j', (text, message) => {
		expect(() => parseJson(text)).toThrow(message);
		expect(() => parseJson(text)).toThrow(JsonError);
	});

	it('is bounded in depth, brackets in strings aside', () => {
		const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
		expect(() => parseJson(deep(6000))).toThrow('at most 1000 levels of nesting');
		expect(() => parseJson(`{"a": "${']'.repeat(9000)}", "b": ${deep(6000)}}`)).toThrow('levels of nesting');
		expect(() => parseJson(`${deep(6000)} x`)).toThrow(JsonError);
		const words = { text: '[{\\"'.repeat(9000) };
		expect(parseJson(JSON.stringify(words))).toEqual(words);
	});

	it('may have names of all kinds', () => {
		const value = parseJson(
			'{"__proto__": 12345678901234567890, "constructor": {"toString": 1}}'
		) as JsonObject;
		expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
		expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
	});
});

describe('what is read forgivingly', () => {
	it('keeps numbers and order as they were written', () => {
		const reading = readJson('{"b" :2.0, "2":1e2,"1":[1.50,],"a":"x\n",}', 0);
		expect(reading).toMatchObject({ ok: true, text: '{"b": 2.0, "2": 1e2, "1": [1.50], "a": "x\\n"}' });
		expect(reading.ok && [...reading.members]).toEqual([
			['b', '2.0'],
			['2', '1e2'],
			['1', '[1.50]'],
			['a', '"x\\n"']
		]);
	});

	it('has no name twice', () => {
		expect(readJson('{"a": 1, "a": 2}', 0)).toMatchObject({ ok: false, at: 9 });
		expect(readJson('[{"a": 1}, {"a": 2}]', 0)).toMatchObject({ ok: true });
	});
});
