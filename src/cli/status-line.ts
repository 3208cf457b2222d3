import { visibleLine } from '../../scripts/say.js';

/** Where it is shown; `process.stderr` is one. */
export interface Screen {
	readonly isTTY?: boolean;
	readonly columns?: number;
	write(text: string): unknown;
}

/** Milliseconds between lines where there is no terminal, and between repaints of the one line where there is. */
const linePause = 5_000;
const paintPause = 200;

/** What is going on: one line, painted over, on a terminal; else a line every few seconds. */
export class StatusLine {
	readonly #screen: Screen;
	readonly #text: () => string | undefined;
	#timer: NodeJS.Timeout | undefined;

	/** @param text the line as it is now; nothing is shown as long as it is `undefined` */
	constructor(screen: Screen, text: () => string | undefined) {
		this.#screen = screen;
		this.#text = text;
	}

	begin(): void {
		this.#timer ??= setInterval(() => this.show(), this.#screen.isTTY ? paintPause : linePause);
	}

	/** Now, whatever the time. */
	show(): void {
		const text = this.#text();
		if (text === undefined) return;
		const line = visibleLine(text);
		if (!this.#screen.isTTY) this.#screen.write(`${line}\n`);
		else this.#screen.write(`\r\x1b[K${line.slice(0, (this.#screen.columns ?? 80) - 1)}`);
	}

	/** A line of its own, above this one. */
	note(text: string): void {
		this.#screen.write(`${this.#screen.isTTY ? '\r\x1b[K' : ''}${visibleLine(text)}\n`);
	}

	end(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
		this.show();
		if (this.#screen.isTTY) this.#screen.write('\n');
	}
}

/** `40 s`, `3 min 20 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
	const whole = Math.max(1, Math.round(seconds));
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}
