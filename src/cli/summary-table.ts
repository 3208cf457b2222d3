import type { HarvestSummary } from '../run/dataset-service.ts';

/** What a harvest came to, in two columns, and what it lacks. */
export function summaryTable(summary: HarvestSummary): string {
	const { scenarios, scenariosAsked, withoutGoals, meanReward, successRate } = summary;
	const { examples, tokens, tokensPerSecond, leftOut, columns } = summary;
	const count = (value: number) => value.toLocaleString('en-US');
	const rows: (readonly [string, string])[] = [
		['scenarios', count(scenarios)],
		...(scenariosAsked === undefined ? [] : [['scenarios asked for', count(scenariosAsked)] as const]),
		...(withoutGoals > 0 ? ([['without goals', count(withoutGoals)]] as const) : []),
		['mean reward', meanReward?.toFixed(3) ?? '–'],
		['success rate', successRate === null ? '–' : `${(successRate * 100).toFixed(1)} %`],
		['SFT examples', count(examples.sft)],
		['KTO examples, good', count(examples.kto.true)],
		['KTO examples, bad', count(examples.kto.false)],
		['DPO pairs', count(examples.dpo)],
		['prompt tokens', count(tokens.prompt)],
		['completion tokens', count(tokens.completion)],
		['tokens per second', tokensPerSecond.toFixed(0)]
	];
	const width = Math.max(...rows.map(([, value]) => value.length));
	const table = rows.map(([name, value]) => `${name.padEnd(20)} ${value.padStart(width)}`);
	return [table, leftOut, columns]
		.filter((lines) => lines.length > 0)
		.map((lines) => lines.join('\n'))
		.join('\n\n');
}

/**
 * One line of JSON with the keys that scripts read; `lost` is among them if something is. A share of nothing is `null`: `scenarios` and
 * `withoutGoals` say why.
 */
export function summaryLine(summary: HarvestSummary): string {
	const { scenarios, scenariosAsked, withoutGoals, meanReward, successRate } = summary;
	const { examples, tokens, tokensPerSecond, lost } = summary;
	const rounded = Math.round(tokensPerSecond * 10) / 10;
	const line = {
		scenarios,
		scenariosAsked,
		...(withoutGoals > 0 && { withoutGoals }),
		meanReward,
		successRate,
		examples,
		tokens,
		tokensPerSecond: rounded
	};
	return JSON.stringify(lost.length > 0 ? { ...line, lost } : line);
}

/**
 * Prints what a harvest came to: the table and the line of JSON, and what is lost where errors go.
 * @param more lines between them
 * @returns the exit code
 */
export function report(summary: HarvestSummary, ...more: readonly string[]): number {
	for (const line of summary.lost) console.error(line);
	console.log([summaryTable(summary), ...more].join('\n\n'));
	console.log(summaryLine(summary));
	return summary.lost.length > 0 ? 1 : 0;
}
