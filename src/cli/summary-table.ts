import type { HarvestSummary } from '../run/run-service.ts';

/** What a harvest came to, in two columns. */
export function summaryTable(summary: HarvestSummary): string {
	const { scenarios, meanReward, successRate, examples, tokens, tokensPerSecond } = summary;
	const count = (value: number) => value.toLocaleString('en-US');
	const rows: [string, string][] = [
		['scenarios', count(scenarios)],
		['mean reward', meanReward.toFixed(3)],
		['success rate', `${(successRate * 100).toFixed(1)} %`],
		['SFT examples', count(examples.sft)],
		['KTO examples, good', count(examples.kto.true)],
		['KTO examples, bad', count(examples.kto.false)],
		['DPO pairs', count(examples.dpo)],
		['prompt tokens', count(tokens.prompt)],
		['completion tokens', count(tokens.completion)],
		['tokens per second', tokensPerSecond.toFixed(0)]
	];
	const width = Math.max(...rows.map(([, value]) => value.length));
	return rows.map(([name, value]) => `${name.padEnd(20)} ${value.padStart(width)}`).join('\n');
}

/** One line of JSON with the keys that scripts read. */
export function summaryLine(summary: HarvestSummary): string {
	const { scenarios, meanReward, successRate, examples, tokens, tokensPerSecond } = summary;
	const rounded = Math.round(tokensPerSecond * 10) / 10;
	return JSON.stringify({ scenarios, meanReward, successRate, examples, tokens, tokensPerSecond: rounded });
}
