/**
 * Compares harvests of the same scenarios, as a table in Markdown: `npx tsx model/compare-runs.ts FOLDER...`. Each folder is a run's, a dataset's or an
 * archive. Intervals are 95 %, by a bootstrap over scenarios.
 */
import { openRun } from '../src/cli/dataset/opened-run.ts';
import { percent, plain } from '../src/cli/evaluate/evaluation-table.ts';
import { bootstrap, mean } from '../src/evaluation/statistics.ts';
import { examplesOf } from '../src/harvest/examples.ts';
import { partWords } from '../src/search/compose.ts';
import { callsOn, conversation, resultOf, scoreOfTree, walk } from '../src/search/tree.ts';
import { storedSearches } from '../src/run/stored-searches.ts';

interface Row {
	readonly passed: number;
	readonly score: number;
	readonly tokens: number;
	/** The agent's calls on the way that counts, of searches that passed. */
	readonly calls: number | undefined;
	readonly sft: number;
	readonly good: number;
	readonly bad: number;
}

async function rowsOf(folder: string): Promise<{ readonly words: string; readonly rows: readonly Row[] }> {
	const { store, record, environment } = await openRun(folder);
	const { agent, strategy } = record.config;
	const rows: Row[] = [];
	for await (const search of storedSearches(store, record, environment)) {
		if (!('tree' in search) || !search.tree.done) throw new Error(`${folder}: not all searches are finished`);
		const { scenario, tree } = search;
		const passed = resultOf(tree) === 'passed';
		// What is won of the searches that passed, whatever calls cost.
		const harvest = examplesOf({ environment, scenario, agent, tree }, { minReward: 0 });
		const won = passed && 'examples' in harvest ? harvest.examples : undefined;
		const score = scoreOfTree(tree);
		let tokens = 0;
		for (const { entries } of walk(tree.top))
			for (const entry of entries) if ('n' in entry) tokens += entry.tokens.completion;
		rows.push({
			passed: Number(passed),
			score: score === 'unknown' ? NaN : score,
			tokens,
			calls: passed ? callsOn(conversation(tree, tree.root)).length : undefined,
			sft: won?.sft.length ?? 0,
			good: won?.kto.filter(({ label }) => label).length ?? 0,
			bad: won?.kto.filter(({ label }) => !label).length ?? 0
		});
	}
	return { words: partWords('strategy', strategy), rows };
}

const none = 'nothing';
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

console.log(
	'| run | scenarios | passed | mean score | calls of those that passed | completion tokens a scenario | SFT | KTO good | KTO bad | rows for 1,000 tokens |'
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const folder of process.argv.slice(2)) {
	const { words, rows } = await rowsOf(folder);
	const total = (figure: (row: Row) => number) => sum(rows.map(figure));
	const of = (figure: (row: Row) => number) => bootstrap(rows, (drawn) => mean(drawn.map(figure)), none);
	const calls = bootstrap(rows, (drawn) => mean(drawn.flatMap((row) => row.calls ?? [])), none);
	const yielded = bootstrap(
		rows,
		(drawn) =>
			(1000 * sum(drawn.map(({ good, bad }) => good + bad))) / sum(drawn.map(({ tokens }) => tokens)),
		none
	);
	const cells = [
		words,
		String(rows.length),
		percent(of(({ passed }) => passed)),
		plain(
			of(({ score }) => score),
			3
		),
		plain(calls, 2),
		plain(
			of(({ tokens }) => tokens),
			0
		),
		String(total(({ sft }) => sft)),
		String(total(({ good }) => good)),
		String(total(({ bad }) => bad)),
		plain(yielded, 1)
	];
	console.log(`| ${cells.join(' | ')} |`);
}
