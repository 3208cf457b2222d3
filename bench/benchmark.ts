/** The keys of the results, in the order in which benchmarks run. */
export const benchmarkNames = [
	'search',
	'pool',
	'prefix',
	'idle',
	'store',
	'page',
	'export',
	'growth'
] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

/** One number that was measured. */
export interface Figure {
	/** What it is, in a few words. */
	readonly name: string;
	readonly value: number;
	/** Such as `turns/s`, `ms`, `%`; empty for a plain ratio. */
	readonly unit: string;
	/** What it has to reach. Absent for figures that only explain others. */
	readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface BenchmarkResult {
	readonly figures: readonly Figure[];
	/** What a reader has to know to judge the figures, such as how large the workload was. */
	readonly notes?: readonly string[];
}

export interface BenchmarkOptions {
	/** A small workload: shows that a benchmark runs; its figures say little. */
	readonly quick: boolean;
	/** One line about what is being done. */
	readonly say: (line: string) => void;
}

/** One question about speed. Whatever is compared is measured in the same call of `run`. */
export interface Benchmark {
	readonly name: BenchmarkName;
	run(options: BenchmarkOptions): Promise<BenchmarkResult>;
}

/** Whether a figure is what it has to be; `undefined` if nothing is asked of it. */
export function isMet({ value, target }: Figure): boolean | undefined {
	if (!target) return undefined;
	return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}
