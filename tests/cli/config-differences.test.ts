import { expect, test } from 'vitest';
import { configDifferences } from '../../src/cli/config-differences.ts';
import { createRunConfig } from '../../src/run/config.ts';

const there = createRunConfig({ scenarios: ['a', 'b', 'c'], seed: 1 });

test('equal configurations have none, whatever the order of their members', () => {
	const reordered = Object.fromEntries(Object.entries(structuredClone(there)).reverse());
	expect(configDifferences(there, reordered as unknown as typeof there)).toEqual([]);
});

test('differences are named by the flag that makes them', () => {
	const here = createRunConfig({
		scenarios: ['a', 'b'],
		seed: 2,
		strategy: { kind: 'josh', beam: 3, fork: 'action' },
		agent: { kind: 'function-calling', sampling: { temperature: 0.5 } }
	});
	expect(configDifferences(there, here)).toEqual([
		'--scenarios or --split: 3 (a … c) there, 2 (a … b) here',
		'--seed: 1 there, 2 here',
		'--beam: 8 there, 3 here',
		'--fork: "turn" there, "action" here',
		'--temperature: 1 there, 0.5 here'
	]);
});
