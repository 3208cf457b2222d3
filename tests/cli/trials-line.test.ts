import { expect, test } from 'vitest';
import { trialsLine } from '../../src/cli/evaluate/trials-line.ts';
import type { TrialRow } from '../../src/evaluation/trial.ts';

const row = (success: boolean): TrialRow => ({
	scenario: 'a',
	trial: 0,
	domains: [],
	reward: Number(success),
	success,
	endedByUser: true,
	agentTurns: 1,
	calls: { parsed: 0, malformed: 0, rejected: 0 },
	inventedByUser: 0,
	tokens: { prompt: 9, completion: 50 },
	seconds: 0.5
});

test('the time left follows from what was done in this session', () => {
	const rows = [row(true), row(true), row(false)];
	expect(trialsLine([], 5, { at: 0, done: 0 }, 1000)).toBe('0 of 5 conversations');
	expect(trialsLine(rows, 5, { at: 0, done: 3 }, 1000)).toBe('3 of 5 conversations · 66.7 % succeeded');
	expect(trialsLine(rows, 5, { at: 0, done: 1 }, 30_000)).toBe(
		'3 of 5 conversations · 66.7 % succeeded · 100 tokens/s · 30 s left'
	);
});
