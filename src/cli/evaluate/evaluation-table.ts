import type { Comparison, EvaluationReport } from '../../evaluation/report.ts';
import type { Estimate } from '../../evaluation/statistics.ts';

/** The figures of a report, one a line. */
export function evaluationTable(found: EvaluationReport): string {
	const each = (estimates: Readonly<Record<string, Estimate>>) =>
		Object.entries(estimates).map(
			([name, { value }]) => `${name} ${value === null ? '–' : `${(100 * value).toFixed(0)} %`}`
		);
	const causes = Object.entries(found.causes).filter(([, count]) => count > 0);
	return lines([
		['scenarios × trials', `${found.scenarios} × ${found.trials}`],
		...(found.scenariosAsked === undefined
			? []
			: [['scenarios asked for', String(found.scenariosAsked)] as const]),
		...(found.withoutGoals > 0
			? [['without goals', `${found.withoutGoals}, not counted in success and reward`] as const]
			: []),
		['success rate', percent(found.successRate)],
		['mean reward', plain(found.meanReward, 3)],
		...found.passK
			.slice(1)
			.map((estimate, index): [string, string] => [`pass^${index + 2}`, percent(estimate)]),
		['tool calls that parse', percent(found.parsedCalls)],
		['ended by the user', percent(found.endedByUser)],
		['user true to its goals', percent(found.faithfulUser)],
		['success by domain', each(found.successByDomain).join(', ')],
		['by number of domains', each(found.successByDomains).join(', ')],
		['causes of failure', causes.map(([cause, count]) => `${cause} ${count}`).join(', ') || 'none'],
		['completion tokens', found.tokens.completion.toLocaleString('en-US')],
		['a second', plain(found.tokensPerSecond, 0)]
	]);
}

/** What kept conversations from being judged, in sentences; none if nothing did. */
export function faultsOf({ faults, rows }: EvaluationReport): string[] {
	const all = rows.reduce((sum, { trials }) => sum + trials.length, 0);
	return faults.map(
		({ reason, conversations }) => `${conversations} of ${all} conversations ended by a fault: ${reason}`
	);
}

export function comparisonTable({ pairs, success, reward, relativeGain }: Comparison): string {
	return lines([
		['conversations of both', String(pairs)],
		['difference of success', percent(success, ' points')],
		['difference of reward', plain(reward, 3)],
		['relative gain', percent(relativeGain)]
	]);
}

/** `37.6 % (33.3 to 42.0)`, of nothing `– (no tool calls)` */
export function percent(estimate: Estimate, unit = ' %'): string {
	return written(estimate, (value) => (100 * value).toFixed(1), unit);
}

/** `0.618 (0.586 to 0.651)` */
export function plain(estimate: Estimate, digits: number): string {
	return written(estimate, (value) => value.toFixed(digits));
}

function written(estimate: Estimate, text: (value: number) => string, unit = ''): string {
	if (estimate.value === null) return `– (${estimate.reason})`;
	return `${text(estimate.value)}${unit} (${text(estimate.low)} to ${text(estimate.high)})`;
}

function lines(rows: readonly (readonly [string, string])[]): string {
	return rows.map(([name, text]) => `${name.padEnd(24)}${text}`).join('\n');
}
