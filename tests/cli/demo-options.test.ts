import { expect, test } from 'vitest';
import { readDemoOptions } from '../../src/cli/demo-options.ts';

test('the defaults are the figures of the paper', () => {
	expect(readDemoOptions([])).toMatchObject({
		split: 'train',
		beam: 8,
		seed: 1,
		temperature: 1,
		userTemperature: 0.3
	});
});

test('the default folder is named after the settings and nothing else', () => {
	const folder = (...args: string[]) => readDemoOptions(args)?.out;
	expect(folder('--workers', '1')).toBe(folder('--workers', '3'));
	for (const flag of ['--scenarios', '--beam', '--seed', '--temperature', '--user-temperature'])
		expect(folder(flag, '2'), flag).not.toBe(folder());
	expect(folder('--split', 'test')).not.toBe(folder());
});

test.each([
	[['--beam', '0'], '--beam takes 1 to 1024, not 0'],
	[['--scenarios', '1.5'], '--scenarios takes a whole number'],
	[['--scenarios', '0'], '--scenarios takes 1 to 100000, not 0'],
	[['--scenarios', '1e9'], '--scenarios takes a whole number from 1 to 100000, not "1e9"'],
	[['--scenarios', 'NaN'], '--scenarios takes a whole number'],
	[['--scenarios=-5'], '--scenarios takes a whole number from 1 to 100000, not "-5"'],
	[['--scenarios', '-5'], "use '--scenarios=-XYZ'"],
	[['--seed', '4294967296'], '--seed takes 0 to 4294967295'],
	[['--split', 'all'], '--split takes train, val, test, not "all"'],
	[['--temperature', 'warm'], '--temperature takes a number'],
	[['--user-temperature', '9'], '--user-temperature takes 0 to 5'],
	[['--workers', ''], '--workers takes a whole number'],
	[['--out', ''], '--out needs the name of a folder'],
	[['--bogus'], "Unknown option '--bogus'"],
	[['--beam'], "Option '--beam <value>' argument missing"],
	[['extra'], "Unexpected argument 'extra'"]
])('%j is refused', (args, complaint) => {
	expect(() => readDemoOptions(args)).toThrow(complaint);
});
