import type { RunProgress } from '../run/run-service.ts';
import { searchKey, type SearchId } from '../search/run.ts';
import { duration, StatusLine, type Screen } from './status-line.ts';

/** Counts and time left of a run. */
export class ProgressDisplay {
	readonly #line: StatusLine;
	#progress: RunProgress | undefined;
	#begun = new Set<string>();
	/** What is counted. */
	readonly #unit: string;
	#start: { readonly time: number; readonly share: number } | undefined;

	constructor(screen: Screen, unit = 'scenarios') {
		this.#unit = unit;
		this.#line = new StatusLine(screen, () => this.#text());
	}

	/** @param begun searches that have events already */
	begin(begun: Iterable<SearchId>): void {
		this.#begun = new Set(Array.from(begun, searchKey));
		this.#start = undefined;
		this.#line.begin();
	}

	stepped(search: SearchId): void {
		this.#begun.add(searchKey(search));
	}

	update(progress: RunProgress): void {
		const isFirst = progress.events > 0 && !this.#progress?.events;
		this.#progress = progress;
		this.#start ??= { time: Date.now(), share: this.#share(progress) };
		if (isFirst) this.#line.show();
	}

	/** A line of its own, above the progress. */
	note(text: string): void {
		this.#line.note(text);
	}

	end(): void {
		this.#line.end();
	}

	#text(): string | undefined {
		return this.#progress && progressLine(this.#progress, this.#secondsLeft(this.#progress), this.#unit);
	}

	/** A scenario under way counts half: scenarios run side by side, and the first end long after the others begin. */
	#share({ scenariosDone, scenariosTotal }: RunProgress): number {
		const underWay = Math.max(0, Math.min(this.#begun.size, scenariosTotal) - scenariosDone);
		return scenariosTotal === 0 ? 1 : (scenariosDone + underWay / 2) / scenariosTotal;
	}

	#secondsLeft(progress: RunProgress): number | undefined {
		if (progress.scenariosDone === progress.scenariosTotal) return 0;
		if (this.#start === undefined || progress.scenariosDone === 0) return undefined;
		const gained = this.#share(progress) - this.#start.share;
		const seconds = (Date.now() - this.#start.time) / 1000;
		return gained <= 0 ? undefined : (seconds / gained) * (1 - this.#share(progress));
	}
}

/** `3 of 8 scenarios · 1 earned all · mean reward 0.42 · 512 steps · 410 tokens/s · 1 min 20 s left` */
export function progressLine(
	progress: RunProgress,
	secondsLeft: number | undefined,
	unit = 'scenarios'
): string {
	const { scenariosDone, scenariosTotal, withoutGoals, unknown, successes, meanReward } = progress;
	const { events, completionTokens, tokensPerSecond } = progress;
	const parts = [`${scenariosDone} of ${scenariosTotal} ${unit}`];
	if (withoutGoals > 0) parts.push(`${withoutGoals} without goals`);
	if (unknown > 0) parts.push(`${unknown} unknown`);
	if (meanReward !== null) parts.push(`${successes} earned all`, `mean reward ${meanReward.toFixed(2)}`);
	parts.push(`${events} steps`, `${completionTokens} tokens`, `${Math.round(tokensPerSecond)} tokens/s`);
	if (secondsLeft !== 0)
		parts.push(secondsLeft === undefined ? 'estimating time left' : `${duration(secondsLeft)} left`);
	return parts.join(' · ');
}
