import * as v from 'valibot';
import { isJsonObject } from '../base/json.ts';
import { results, summaryVersion, type SearchSummary } from '../harvest/search-summary.ts';
import { searchId, type SearchId } from '../search/run.ts';
import type { RunLayout } from './run-store.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const share = v.union([v.pipe(v.number(), v.minValue(0), v.maxValue(1)), v.literal('unknown')]);

const summary = v.looseObject({
	version: v.literal(summaryVersion),
	result: v.picklist(results),
	score: share,
	goals: v.looseObject({ earned: count, all: count }),
	causes: v.array(v.string()),
	events: count,
	turns: count,
	calls: v.looseObject({ made: count, refused: count }),
	tools: v.array(v.string()),
	errors: v.looseObject({ steps: count, first: v.exactOptional(v.string()) }),
	tokens: v.looseObject({ prompt: count, completion: count }),
	labels: v.looseObject({ good: count, bad: v.custom(isJsonObject), unused: count }),
	none: v.exactOptional(v.string())
});

/** A stored summary; `undefined` for what is damaged or of another version: it is derived, and made again of its events. */
export function readSummary(value: unknown): SearchSummary | undefined {
	return v.is(summary, value) ? (value as unknown as SearchSummary) : undefined;
}

/** The searches of a run by their places: all trials of a scenario one after the other. */
export class Searches {
	readonly #scenarios: readonly string[];
	readonly #trials: number;

	constructor({ scenarios, trials = 1 }: RunLayout) {
		this.#scenarios = scenarios;
		this.#trials = trials;
	}

	get count(): number {
		return this.#scenarios.length * this.#trials;
	}

	at(place: number): SearchId {
		const [position, trial] = this.positionOf(place);
		return searchId(this.#scenarios[position]!, trial);
	}

	/** Where the scenario of a place stands in the configuration, and the trial. */
	positionOf(place: number): readonly [position: number, trial: number] {
		return [Math.floor(place / this.#trials), place % this.#trials];
	}

	/** @param position of the scenario in the configuration */
	placeOf(position: number, trial = 0): number {
		return position * this.#trials + trial;
	}
}
