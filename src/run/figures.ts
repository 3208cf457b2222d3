import type { SearchEvent } from '../search/events.ts';
import type { SearchTree } from '../search/tree.ts';
import type { RunProgress } from './run-service.ts';

/** Adds up what a run has come to, in this session and before. */
export class Figures {
	readonly #scenarios: number;
	#done = 0;
	#successes = 0;
	#rewards = 0;
	#events = 0;
	#promptTokens = 0;
	#completionTokens = 0;

	/** @param scenarios how many there are in all */
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

	/** @param tree of a search that is done */
	finish({ reward, left }: SearchTree): void {
		this.#done++;
		this.#rewards += reward;
		if (left.length === 0) this.#successes++;
	}

	progress(time: Pick<RunProgress, 'tokensPerSecond' | 'activeMilliseconds'>, workers: number): RunProgress {
		return {
			scenariosTotal: this.#scenarios,
			scenariosDone: this.#done,
			successes: this.#successes,
			meanReward: this.#done === 0 ? 0 : this.#rewards / this.#done,
			events: this.#events,
			promptTokens: this.#promptTokens,
			completionTokens: this.#completionTokens,
			...time,
			workers
		};
	}
}
