import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { readFlags, UsageError } from '../scripts/flags.ts';
import { say } from '../scripts/say.js';
import {
	benchmarkNames,
	isMet,
	type Benchmark,
	type BenchmarkName,
	type BenchmarkResult
} from './benchmark.ts';
import { resultTable } from './table.ts';

const usage = `Usage: npm run bench -- [flags]

Measures Joshtree on this machine and prints tables; bench/README.md says what the figures mean.

  --only NAME   ${benchmarkNames.join(', ')}; several with commas, or the flag several times (default: all)
  --json OUT    also writes the results as JSON into the file OUT
  --quick       small workloads, to see that the benchmarks run; their figures say little
  --help        this text

A missed target is told of and does not fail the command.`;

/** Loaded when wanted: most of them need a browser. */
const benchmarks: Readonly<Record<BenchmarkName, () => Promise<Benchmark>>> = {
	search: async () => (await import('./search.ts')).searchBenchmark,
	pool: async () => (await import('./pool.ts')).poolBenchmark,
	prefix: async () => (await import('./prefix.ts')).prefixBenchmark,
	idle: async () => (await import('./idle.ts')).idleBenchmark,
	store: async () => (await import('./store.ts')).storeBenchmark,
	page: async () => (await import('./page.ts')).pageBenchmark,
	export: async () => (await import('./export.ts')).exportBenchmark,
	growth: async () => (await import('./growth.ts')).growthBenchmark
};

/** `npm run bench`. @returns the exit code */
export default async function bench(args: readonly string[]): Promise<number> {
	const flags = readFlags(
		args,
		{
			only: { type: 'string', multiple: true },
			json: { type: 'string' },
			quick: { type: 'boolean' },
			help: { type: 'boolean' }
		},
		usage
	);
	if (flags.help) {
		console.log(usage);
		return 0;
	}
	const names = chosen(flags.only ?? []);
	const options = { quick: flags.quick ?? false, say };
	const results: Partial<Record<BenchmarkName, BenchmarkResult>> = {};
	for (const name of names) {
		say(`benchmark ${name}`);
		const benchmark = await benchmarks[name]();
		results[name] = await benchmark.run(options);
		console.log(`${resultTable(name, results[name])}\n`);
	}
	const missed = names.flatMap((name) =>
		results[name]!.figures.filter((figure) => isMet(figure) === false).map(
			(figure) => `${name}: ${figure.name}`
		)
	);
	console.log(missed.length === 0 ? 'All targets are met.' : `Targets missed:\n  ${missed.join('\n  ')}`);
	if (options.quick) console.log('These were small workloads (--quick).');
	if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report(results), null, '\t')}\n`);
	return 0;
}

function chosen(only: readonly string[]): readonly BenchmarkName[] {
	if (only.length === 0) return benchmarkNames;
	const wanted = only.flatMap((list) => list.split(',')).map((name) => name.trim());
	const unknown = wanted.filter((name) => !benchmarkNames.some((known) => known === name));
	if (unknown.length > 0) {
		throw new UsageError(`--only takes ${benchmarkNames.join(', ')}, not "${unknown[0]}".\n\n${usage}`);
	}
	return benchmarkNames.filter((name) => wanted.includes(name));
}

function report(results: Partial<Record<BenchmarkName, BenchmarkResult>>) {
	const [cpu] = cpus();
	const machine = { cpu: cpu?.model ?? 'unknown', cores: cpus().length, node: process.version };
	const judged = Object.entries(results).map(([name, { figures, notes }]) => [
		name,
		{ figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })), ...(notes && { notes }) }
	]);
	return { machine, ...(Object.fromEntries(judged) as Record<string, unknown>) };
}
