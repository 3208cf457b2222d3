import { searchId } from '../search/run.ts';
import type { RunUpdate } from './run-service.ts';

export type TextUpdate = Extract<RunUpdate, { type: 'text' }>;

/** Names one step. */
type Step = Omit<TextUpdate, 'type' | 'text'>;

/** Milliseconds. The eye needs no more, and every tab that looks on is told. */
const interval = 100;

/** Text that models are writing, passed on now and then: of each step only the latest. */
export class LiveTexts {
	readonly #tell: (update: TextUpdate) => void;
	readonly #latest = new Map<string, TextUpdate>();
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(tell: (update: TextUpdate) => void) {
		this.#tell = tell;
	}

	write(step: Step, text: string): void {
		const { scenario, trial, kind, path, turn } = step;
		this.#latest.set(keyOf(step), { type: 'text', ...searchId(scenario, trial), kind, path, turn, text });
		this.#timer ??= setTimeout(() => this.#flush(), interval);
	}

	/** The step is finished; its event takes the place of its text. */
	end(step: Step): void {
		this.#latest.delete(keyOf(step));
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#latest.clear();
	}

	#flush(): void {
		this.#timer = undefined;
		const updates = [...this.#latest.values()];
		this.#latest.clear();
		for (const update of updates) this.#tell(update);
	}
}

function keyOf({ scenario, trial = 0, kind, path, turn }: Step): string {
	return JSON.stringify([scenario, trial, kind, path, turn]);
}
