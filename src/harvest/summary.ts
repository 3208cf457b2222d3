import { walk, type SearchTree } from '../search/tree.ts';
import type { Harvest, TrainingExample } from './examples.ts';

/** An example that no file holds, and why. */
export interface LeftOut {
	/** Which row it would have been. */
	readonly row: string;
	readonly reason: string;
}

/** Counts of a dataset. Nothing here depends on clocks, workers or caches. */
export interface DatasetSummary {
	/** Scenarios whose search is done; all figures are over these. */
	readonly scenarios: number;
	/** Scenarios whose search is not done yet. They give no examples. */
	readonly unfinished: number;
	/** Scenarios without examples: too little reward, an error on the golden path, no golden path, what a person said of them. */
	readonly skipped: {
		readonly reward: number;
		readonly error: number;
		readonly noGoldenPath: number;
		readonly rating: number;
	};
	readonly meanReward: number;
	/** Share of scenarios that earned every goal. */
	readonly successRate: number;
	/** Examples written. */
	readonly examples: {
		readonly sft: number;
		readonly kto: { readonly true: number; readonly false: number };
		readonly dpo: number;
	};
	/** Of all steps of these searches together, pruned branches included. */
	readonly tokens: { readonly prompt: number; readonly completion: number };
	/** Lines by the file's path. */
	readonly rows: { readonly [path: string]: number };
	readonly leftOut: readonly LeftOut[];
}

/** Adds up a summary while the dataset is written. */
export class Tally {
	#scenarios = 0;
	#unfinished = 0;
	#rewards = 0;
	#successes = 0;
	readonly #skipped = { reward: 0, error: 0, noGoldenPath: 0, rating: 0 };
	readonly #examples = { sft: 0, kto: { true: 0, false: 0 }, dpo: 0 };
	readonly #tokens = { prompt: 0, completion: 0 };
	readonly #rows = new Map<string, number>();
	readonly #leftOut: LeftOut[] = [];

	unfinished(): void {
		this.#unfinished++;
	}

	finished(tree: SearchTree, harvest: Harvest): void {
		this.#scenarios++;
		this.#rewards += tree.reward;
		if (tree.reward === 1) this.#successes++;
		if ('none' in harvest) this.#skipped[harvest.none]++;
		for (const { entries } of walk(tree.top)) {
			for (const entry of entries) {
				if (entry.kind !== 'agent' && entry.kind !== 'user') continue;
				this.#tokens.prompt += entry.tokens.prompt;
				this.#tokens.completion += entry.tokens.completion;
			}
		}
	}

	wrote(example: TrainingExample): void {
		if (example.kind === 'kto') this.#examples.kto[example.label ? 'true' : 'false']++;
		else this.#examples[example.kind]++;
	}

	/** Files are listed in the order in which they are told of. */
	file(path: string, rows: number): void {
		this.#rows.set(path, rows);
	}

	leftOut(row: string, reason: string): void {
		this.#leftOut.push({ row, reason });
	}

	summary(): DatasetSummary {
		const { true: good, false: bad } = this.#examples.kto;
		return {
			scenarios: this.#scenarios,
			unfinished: this.#unfinished,
			skipped: { ...this.#skipped },
			meanReward: this.#scenarios === 0 ? 0 : this.#rewards / this.#scenarios,
			successRate: this.#scenarios === 0 ? 0 : this.#successes / this.#scenarios,
			examples: { sft: this.#examples.sft, kto: { true: good, false: bad }, dpo: this.#examples.dpo },
			tokens: { ...this.#tokens },
			rows: Object.fromEntries(this.#rows),
			leftOut: [...this.#leftOut]
		};
	}
}
