import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressDisplay } from '../../src/cli/progress-display.ts';
import { duration } from '../../src/cli/status-line.ts';
import type { RunProgress } from '../../src/run/run-service.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function progress(scenariosDone: number, events: number): RunProgress {
	return {
		scenariosTotal: 4,
		scenariosDone,
		withoutGoals: 0,
		unknown: 0,
		successes: 0,
		meanReward: scenariosDone === 0 ? null : 0.25,
		events,
		promptTokens: 0,
		completionTokens: 10 * events,
		tokensPerSecond: 99.6,
		activeMilliseconds: 0,
		workers: 1
	};
}

function screen(isTTY: boolean) {
	const written: string[] = [];
	return { isTTY, columns: 60, written, write: (text: string) => written.push(text) };
}

test('without a terminal it writes a line at the first step and then every few seconds', () => {
	const log = screen(false);
	const display = new ProgressDisplay(log);
	display.begin([]);
	display.update(progress(0, 0));
	expect(log.written).toEqual([]);
	display.update(progress(0, 1));
	expect(log.written).toHaveLength(1);
	vi.advanceTimersByTime(10_000);
	expect(log.written).toHaveLength(3);
	display.end();
	for (const line of log.written) expect(line).toMatch(/^0 of 4 scenarios · 1 steps · .*\n$/);
});

test('on a terminal it writes over one line, no longer than the terminal', () => {
	const terminal = screen(true);
	const display = new ProgressDisplay(terminal);
	display.begin([]);
	display.update(progress(1, 100));
	vi.advanceTimersByTime(1_000);
	display.end();
	for (const text of terminal.written.slice(0, -1)) {
		expect(text.startsWith('\r\x1b[K')).toBe(true);
		expect(text.length).toBeLessThan(60 + '\r\x1b[K'.length);
	}
	expect(terminal.written.at(-1)).toBe('\n');
});

test('the time left follows from what was done in this session, a scenario under way counting half', () => {
	const log = screen(false);
	const display = new ProgressDisplay(log);
	display.begin([]);
	display.update(progress(0, 0));
	vi.advanceTimersByTime(30_000);
	for (const scenario of ['a', 'b']) display.stepped({ scenario });
	display.update(progress(1, 20));
	display.end();
	// Three eighths took half a minute.
	expect(log.written.at(-1)).toContain('· 50 s left');
});

test('durations', () => {
	expect([0.2, 59, 61, 3_600 * 2 + 300].map(duration)).toEqual(['1 s', '59 s', '1 min 1 s', '2 h 05 min']);
});
