import type { SearchEvent } from '../search/events.ts';
import type { SearchSummary } from '../harvest/search-summary.ts';
import type { RunProgress } from './run-service.ts';

/** Adds up what a run has come to, in this session and before. */
export class Figures {
	readonly #scenarios: number;
	#done = 0;
	#withoutGoals = 0;
	#successes = 0;
	#unknown = 0;
	#scored = 0;
	#rewards = 0;
	#events = 0;
	#promptTokens = 0;
	#completionTokens = 0;

	/** @param scenarios how many there are in all, each counted as often as it is taken */
	constructor(scenarios: number) {
		this.#scenarios = scenarios;
	}

	get completionTokens(): number {
		return this.#completionTokens;
	}

	get events(): number {
		return this.#events;
	}

	/** All scenarios are searched to their end. */
	get isComplete(): boolean {
		return this.#done === this.#scenarios;
	}

	step({ tokens }: SearchEvent): void {
		this.#events++;
		this.#promptTokens += tokens.prompt;
		this.#completionTokens += tokens.completion;
	}

	/** A search whose steps are counted. */
	finish({ result, score }: SearchSummary): void {
		this.#done++;
		if (result === 'no goals') {
			this.#withoutGoals++;
			return;
		}
		if (result === 'passed') this.#successes++;
		if (result === 'unknown') this.#unknown++;
		if (score === 'unknown') return;
		this.#scored++;
		this.#rewards += score;
	}

	/** A search with all its steps. */
	ended(summary: SearchSummary): void {
		this.#events += summary.events;
		this.#promptTokens += summary.tokens.prompt;
		this.#completionTokens += summary.tokens.completion;
		this.finish(summary);
	}

	progress(time: Pick<RunProgress, 'tokensPerSecond' | 'activeMilliseconds'>, workers: number): RunProgress {
		return {
			scenariosTotal: this.#scenarios,
			scenariosDone: this.#done,
			withoutGoals: this.#withoutGoals,
			successes: this.#successes,
			unknown: this.#unknown,
			meanReward: this.#scored === 0 ? null : this.#rewards / this.#scored,
			events: this.#events,
			promptTokens: this.#promptTokens,
			completionTokens: this.#completionTokens,
			...time,
			workers
		};
	}
}

/** The progress of two parts of a run, of which the second is running. */
export function progressOfBoth(before: RunProgress, running: RunProgress): RunProgress {
	const scored = ({ scenariosDone, withoutGoals, unknown }: RunProgress) =>
		scenariosDone - withoutGoals - unknown;
	const [first, second] = [scored(before), scored(running)];
	const rewards = first * (before.meanReward ?? 0) + second * (running.meanReward ?? 0);
	return {
		...running,
		scenariosTotal: before.scenariosTotal + running.scenariosTotal,
		scenariosDone: before.scenariosDone + running.scenariosDone,
		withoutGoals: before.withoutGoals + running.withoutGoals,
		successes: before.successes + running.successes,
		unknown: before.unknown + running.unknown,
		meanReward: first + second === 0 ? null : rewards / (first + second),
		events: before.events + running.events,
		promptTokens: before.promptTokens + running.promptTokens,
		completionTokens: before.completionTokens + running.completionTokens
	};
}
