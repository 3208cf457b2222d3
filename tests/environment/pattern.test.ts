import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { compilePattern, PatternError } from '../../src/environment/pattern.ts';

const pieces = 'a b . [ab] [^a] [a\\-b] \\d \\w \\s \\. \\x61 \\u0061 \\p{L} [] [^] ^ $ \\b \\B'.split(' ');
const pattern: fc.Arbitrary<string> = fc.letrec<{ pattern: string }>((tie) => {
	const some = tie('pattern');
	return {
		pattern: fc.oneof(
			{ maxDepth: 4 },
			fc.constantFrom(...pieces, ''),
			fc.array(some, { maxLength: 3 }).map((parts) => parts.join('')),
			fc.tuple(some, some).map(([one, other]) => `(?:${one}|${other})`),
			fc
				.tuple(some, fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '{0}', '*?', '{3,3}?'))
				.map(([one, times]) => `(${one})${times}`),
			fc.tuple(fc.constantFrom('(?=', '(?!', '(?<name>'), some).map(([open, one]) => `${open}${one})`)
		)
	};
}).pattern;

test('matches as the engine does', () => {
	const text = fc
		.array(fc.constantFrom(...'ab1 \n-.é'), { maxLength: 7 })
		.map((characters) => characters.join(''));
	fc.assert(
		fc.property(pattern, text, (source, text) => {
			let native: RegExp;
			try {
				native = new RegExp(source, 'u');
			} catch {
				// One name for two groups.
				return;
			}
			expect(compilePattern(source)(text)).toBe(native.test(text));
		}),
		{ numRuns: 3000 }
	);
});

test('takes a pair of surrogates for one character', () => {
	expect(compilePattern('^.$')('😀')).toBe(true);
	expect(compilePattern('^\\u{1F600}+$')('😀😀')).toBe(true);
	expect(compilePattern('^\\uD83D\\uDE00?$')('😀')).toBe(true);
	expect(compilePattern('^[😀-😂]$')('😁')).toBe(true);
});

/** An engine that goes back and tries again would not end on any of these. */
test.each([
	'^(a+)+$',
	'(a*)*b',
	'^(\\w+\\s?)*$',
	'^(a|a)*$',
	'(.*)*,',
	'^(a?){50}a{50}b',
	'^(([a-z])+.)+[A-Z]$'
])('%s ends', (source) => {
	expect(compilePattern(source)(`${'a'.repeat(300)}!`)).toBe(false);
});

describe('what cannot be matched in bounded time is refused', () => {
	it.each([
		'(a)\\1',
		'(?<x>a)\\k<x>',
		'(?<=a)b',
		'(?<!a)b',
		'a{9999}',
		'((a{1,99}){1,99}){1,99}',
		'(?:){99999999}'
	])('%s', (source) => {
		expect(() => compilePattern(source)).toThrow(PatternError);
	});

	it('a text of thousands of characters', () => {
		expect(compilePattern('a$')('a'.repeat(5000))).toBe(true);
		expect(() => compilePattern('a$')('a'.repeat(5001))).toThrow(PatternError);
	});
});
