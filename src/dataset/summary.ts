import { hasGoals, resultOf, scoreOfTree, walk } from '../search/tree.ts';
import { faultOf } from '../harvest/cut-short.ts';
import type { ScenarioTree, Harvest, TrainingExample } from '../harvest/examples.ts';
import { nameOf, type ExampleName } from '../harvest/example-name.ts';

/** An example that no file holds, and why. */
export interface LeftOut {
	/** Which row it would have been. */
	readonly row: string;
	readonly reason: string;
}

/** A scenario that did not give what was hoped for, and why. */
export interface ScenarioNote {
	readonly scenario: string;
	readonly reason: string;
}

/** Counts of a dataset. Nothing here depends on clocks, workers or caches. */
export interface DatasetSummary {
	/** Scenarios whose search is done; all figures are over these. */
	readonly scenarios: number;
	/** Those of them that set no goal: there is nothing in them to earn, so they are not in `meanReward` and `successRate`. */
	readonly withoutGoals: number;
	/** Scenarios whose search is not done yet. They give no examples. */
	readonly unfinished: number;
	/** Scenarios of which something is lost. They give no examples. */
	readonly damaged: number;
	/** Scenarios without examples: no goals, too little reward, an error on the golden path, no golden path, what a person said of them. */
	readonly skipped: {
		readonly noGoals: number;
		readonly reward: number;
		readonly unknown: number;
		readonly error: number;
		readonly noGoldenPath: number;
		readonly rating: number;
	};
	/** `null` if no scenario has goals. */
	readonly meanReward: number | null;
	/** Share of scenarios that passed: that earned every goal, or what the reward that scores says; `null` if none has any. */
	readonly successRate: number | null;
	/** Of those with goals, how many can be called neither passed nor failed: `successRate` counts them as failed, and with them it might be more. */
	readonly unknown: number;
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
	/** Messages among the examples that the agent thought before, and what became of the thoughts. Absent if there are none. */
	readonly thoughts?: { readonly messages: number } & ThoughtPlaces;
	readonly leftOut: readonly LeftOut[];
	/** Scenarios that earned enough, and of which nothing is written all the same. */
	readonly fruitless: readonly (ScenarioNote & { readonly reward: number })[];
	/** Scenarios that a fault of a model ended before they had earned everything. */
	readonly cutShort: readonly ScenarioNote[];
	/** What is lost of the run, each piece with its place. */
	readonly damage: readonly string[];
}

/** Ids of formats by whether their rows hold thoughts. */
export interface ThoughtPlaces {
	readonly keptIn: readonly string[];
	readonly leftOutOf: readonly string[];
}

/** Adds up a summary while the dataset is written. */
export class Tally {
	#scenarios = 0;
	#withoutGoals = 0;
	#unfinished = 0;
	#rewards = 0;
	#successes = 0;
	#unknown = 0;
	readonly #skipped = { noGoals: 0, reward: 0, unknown: 0, error: 0, noGoldenPath: 0, rating: 0 };
	readonly #examples = { sft: 0, kto: { true: 0, false: 0 }, dpo: 0 };
	readonly #tokens = { prompt: 0, completion: 0 };
	readonly #rows = new Map<string, number>();
	readonly #leftOut: LeftOut[] = [];
	/** Why nothing is written of scenarios that earned enough, as far as is known. */
	readonly #fruitless = new Map<
		string,
		{ readonly scenario: string; readonly reward: number; reason?: string }
	>();
	readonly #cutShort: ScenarioNote[] = [];
	#damaged = 0;
	readonly #damage: string[] = [];
	#thoughts = 0;
	readonly #places: ThoughtPlaces;

	constructor(places: ThoughtPlaces) {
		this.#places = places;
	}

	/** @param scenario whether it is a scenario of which this is lost */
	lost(damage: readonly string[], scenario: boolean): void {
		if (scenario) this.#damaged++;
		for (const one of damage) this.#damage.push(one);
	}

	unfinished(): void {
		this.#unfinished++;
	}

	/** @param thoughts messages among its examples that the agent thought before */
	finished(
		{ scenario: { id: scenario }, trial, tree }: ScenarioTree,
		harvest: Harvest,
		thoughts: number
	): void {
		this.#scenarios++;
		const score = scoreOfTree(tree);
		const result = resultOf(tree);
		this.#thoughts += thoughts;
		const none = 'none' in harvest ? harvest : undefined;
		if (hasGoals(tree) && none?.none !== 'reward' && score !== 'unknown')
			this.#fruitless.set(keyOf(scenario, trial), {
				scenario,
				reward: score,
				...(none && { reason: none.reason })
			});
		const fault = faultOf(tree);
		if (fault !== undefined) this.#cutShort.push({ scenario, reason: fault });
		if (result === undefined) this.#withoutGoals++;
		if (result === 'unknown') this.#unknown++;
		if (result === 'passed') this.#successes++;
		this.#rewards += score === 'unknown' ? 0 : score;
		if (none) this.#skipped[none.none]++;
		for (const { entries } of walk(tree.top)) {
			for (const entry of entries) {
				if (entry.kind !== 'agent' && entry.kind !== 'user') continue;
				this.#tokens.prompt += entry.tokens.prompt;
				this.#tokens.completion += entry.tokens.completion;
			}
		}
	}

	wrote(example: TrainingExample): void {
		this.#fruitless.delete(keyOf(example.origin.scenario, example.origin.trial));
		if (example.kind === 'kto') this.#examples.kto[example.label ? 'true' : 'false']++;
		else this.#examples[example.kind]++;
	}

	/** Files are listed in the order in which they are told of. */
	file(path: string, rows: number): void {
		this.#rows.set(path, rows);
	}

	leftOut(example: ExampleName, reason: string): void {
		this.#leftOut.push({ row: nameOf(example), reason });
		const note = this.#fruitless.get(keyOf(example.origin.scenario, example.origin.trial));
		if (note) note.reason ??= reason;
	}

	summary(): DatasetSummary {
		const { true: good, false: bad } = this.#examples.kto;
		const judged = this.#scenarios - this.#withoutGoals;
		const scored = judged - this.#unknown;
		return {
			scenarios: this.#scenarios,
			withoutGoals: this.#withoutGoals,
			unfinished: this.#unfinished,
			damaged: this.#damaged,
			skipped: { ...this.#skipped },
			meanReward: scored === 0 ? null : this.#rewards / scored,
			successRate: judged === 0 ? null : this.#successes / judged,
			unknown: this.#unknown,
			examples: { sft: this.#examples.sft, kto: { true: good, false: bad }, dpo: this.#examples.dpo },
			tokens: { ...this.#tokens },
			rows: Object.fromEntries(this.#rows),
			...(this.#thoughts > 0 && { thoughts: { messages: this.#thoughts, ...this.#places } }),
			leftOut: [...this.#leftOut],
			fruitless: [...this.#fruitless.values()].map(({ scenario, reward, reason }) => ({
				scenario,
				reward,
				reason: reason ?? 'no chosen format takes its examples'
			})),
			cutShort: [...this.#cutShort],
			damage: [...this.#damage]
		};
	}
}

function keyOf(scenario: string, trial = 0): string {
	return `${trial} ${scenario}`;
}
