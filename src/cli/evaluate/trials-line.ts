import type { TrialRow } from '../../evaluation/trial.ts';
import { duration } from '../status-line.ts';

/** `120 of 450 conversations · 38.3 % succeeded · 1184 tokens/s · 2 min 5 s left` */
export function trialsLine(
	rows: readonly TrialRow[],
	total: number,
	started: { readonly at: number; readonly done: number },
	now = Date.now()
): string {
	const done = rows.length - started.done;
	const parts = [`${rows.length} of ${total} conversations`];
	const judged = rows.filter(({ reward }) => reward !== null).length;
	if (judged > 0) {
		const successes = rows.filter(({ success }) => success).length;
		parts.push(`${((100 * successes) / judged).toFixed(1)} % succeeded`);
	}
	if (done > 0) {
		const tokens = rows.reduce((sum, row) => sum + row.tokens.completion, 0);
		const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
		if (seconds > 0) parts.push(`${Math.round(tokens / seconds)} tokens/s`);
		const left = total - rows.length;
		if (left > 0) parts.push(`${duration(((now - started.at) / 1000 / done) * left)} left`);
	}
	return parts.join(' · ');
}
