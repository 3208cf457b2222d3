import type { RunProgress } from '../run/run-service.ts';

/** Where it is shown; `process.stderr` is one. */
export interface Screen {
	readonly isTTY?: boolean;
	readonly columns?: number;
	write(text: string): unknown;
}

/** Milliseconds between lines where there is no terminal, and between repaints of the one line where there is. */
const linePause = 5_000;
const paintPause = 200;

/** Counts and time left of a run: one line, painted over, on a terminal; else a line every few seconds. */
export class ProgressDisplay {
	readonly #screen: Screen;
	#progress: RunProgress | undefined;
	#begun = new Set<string>();
	#start: { readonly time: number; readonly share: number } | undefined;
	#timer: NodeJS.Timeout | undefined;

	constructor(screen: Screen) {
		this.#screen = screen;
	}

	/** @param begun scenarios that have events already */
	begin(begun: Iterable<string>): void {
		this.#begun = new Set(begun);
		this.#start = undefined;
		this.#timer ??= setInterval(() => this.#show(), this.#screen.isTTY ? paintPause : linePause);
	}

	stepped(scenario: string): void {
		this.#begun.add(scenario);
	}

	update(progress: RunProgress): void {
		const isFirst = progress.events > 0 && !this.#progress?.events;
		this.#progress = progress;
		this.#start ??= { time: Date.now(), share: this.#share(progress) };
		if (isFirst) this.#show();
	}

	/** A line of its own, above the progress. */
	note(text: string): void {
		this.#screen.write(`${this.#screen.isTTY ? '\r\x1b[K' : ''}${text}\n`);
	}

	end(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
		this.#show();
		if (this.#screen.isTTY) this.#screen.write('\n');
	}

	#show(): void {
		if (this.#progress === undefined) return;
		const line = progressLine(this.#progress, this.#secondsLeft(this.#progress));
		if (!this.#screen.isTTY) this.#screen.write(`${line}\n`);
		else this.#screen.write(`\r\x1b[K${line.slice(0, (this.#screen.columns ?? 80) - 1)}`);
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
export function progressLine(progress: RunProgress, secondsLeft: number | undefined): string {
	const { scenariosDone, scenariosTotal, successes, meanReward, events, completionTokens, tokensPerSecond } =
		progress;
	const parts = [`${scenariosDone} of ${scenariosTotal} scenarios`];
	if (scenariosDone > 0) parts.push(`${successes} earned all`, `mean reward ${meanReward.toFixed(2)}`);
	parts.push(`${events} steps`, `${completionTokens} tokens`, `${Math.round(tokensPerSecond)} tokens/s`);
	if (secondsLeft !== 0)
		parts.push(secondsLeft === undefined ? 'estimating time left' : `${duration(secondsLeft)} left`);
	return parts.join(' · ');
}

/** `40 s`, `3 min 20 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
	const whole = Math.max(1, Math.round(seconds));
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}
