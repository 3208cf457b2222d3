import type { RunUpdate } from '../run/run-service.ts';
import type { SearchEvent } from '../search/events.ts';
import type { ScenarioEvent } from '../store/run-store.ts';
import { viewId } from './view-id.ts';
import type { LiveText } from './picture.ts';

/** Milliseconds of a frame that folding may take; the rest of the frame is for drawing. */
const slice = 8;

interface Receiver {
	/** The number of the next event of a scenario; `undefined` if it takes none. */
	expected(scenario: string): number | undefined;
	/** The expected event. */
	fold(scenario: string, event: SearchEvent): void;
	/** What is being written in a scenario, whole. */
	write(scenario: string, texts: readonly LiveText[]): void;
	/** All of this frame has been handed on. */
	frame(): void;
}

/**
 * Hands on what a run tells, once per frame and for a slice of it, so that neither bursts nor long histories block the page. Each event
 * is handed on once and in its order, even if stored and live ones overlap.
 */
export class Inbox {
	readonly #receiver: Receiver;
	#queue: ScenarioEvent[] = [];
	/** Events that came before their predecessors, by scenario and number. */
	readonly #early = new Map<string, Map<number, SearchEvent>>();
	readonly #texts = new Map<string, Map<string, LiveText>>();
	readonly #rewritten = new Set<string>();
	#scheduled = 0;

	constructor(receiver: Receiver) {
		this.#receiver = receiver;
	}

	events(events: readonly ScenarioEvent[]): void {
		// No spread: a long history has more events than a call may have arguments.
		for (const event of events) this.#queue.push(event);
		this.schedule();
	}

	text({ kind, path, turn, text, ...id }: Extract<RunUpdate, { type: 'text' }>): void {
		const scenario = viewId(id);
		const texts = this.#texts.get(scenario) ?? new Map<string, LiveText>();
		this.#texts.set(scenario, texts.set(keyOf({ kind, path, turn }), { kind, path, turn, text }));
		this.#rewritten.add(scenario);
		this.schedule();
	}

	/** Nothing is being written any more. */
	forgetTexts(): void {
		for (const scenario of this.#texts.keys()) this.#rewritten.add(scenario);
		this.#texts.clear();
		this.schedule();
	}

	schedule(): void {
		if (this.#scheduled) return;
		this.#scheduled = requestAnimationFrame(() => {
			this.#scheduled = 0;
			this.#deliver();
		});
	}

	close(): void {
		cancelAnimationFrame(this.#scheduled);
	}

	#deliver(): void {
		const end = performance.now() + slice;
		let count = 0;
		while (count < this.#queue.length && performance.now() < end) this.#sort(this.#queue[count++]!);
		this.#queue = this.#queue.slice(count);
		for (const scenario of this.#rewritten)
			this.#receiver.write(scenario, [...(this.#texts.get(scenario)?.values() ?? [])]);
		this.#rewritten.clear();
		this.#receiver.frame();
		if (this.#queue.length > 0) this.schedule();
	}

	#sort({ event, ...id }: ScenarioEvent): void {
		const scenario = viewId(id);
		const expected = this.#receiver.expected(scenario);
		if (expected === undefined || event.n < expected) return;
		if (event.n === expected) this.#handOn(scenario, event);
		else this.#earlyOf(scenario).set(event.n, event);
		const early = this.#earlyOf(scenario);
		while (early.size > 0) {
			const next = early.get(this.#receiver.expected(scenario) ?? -1);
			if (!next) break;
			early.delete(next.n);
			this.#handOn(scenario, next);
		}
	}

	#handOn(scenario: string, event: SearchEvent): void {
		if (this.#texts.get(scenario)?.delete(keyOf(event))) this.#rewritten.add(scenario);
		this.#receiver.fold(scenario, event);
	}

	#earlyOf(scenario: string): Map<number, SearchEvent> {
		let early = this.#early.get(scenario);
		if (!early) this.#early.set(scenario, (early = new Map()));
		return early;
	}
}

function keyOf({ kind, path, turn }: Omit<LiveText, 'text'>): string {
	return `${kind} ${path} ${turn}`;
}
