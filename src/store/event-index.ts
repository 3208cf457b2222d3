import { NumberColumn } from '../base/column.ts';
import { decoded, linesOf } from '../base/bytes.ts';
import { isJsonObject } from '../base/json.ts';
import type { SearchId } from '../search/run.ts';
import type { RunLayout, ScenarioEvent } from './run-store.ts';
import { EventLog } from './event-log.ts';

/** Bytes between two lines that are read rather than that the file is asked once more. */
const smallGap = 2 ** 16;

/** A line by its number, from 0. */
interface LinePlace {
	readonly line: number;
	readonly start: number;
	readonly end: number;
}

/** The lines of one search. */
interface SearchLines {
	readonly lines: number[];
	/** Their events are numbered from 0, one after the other: what comes next is new. */
	isWhole: boolean;
}

/**
 * Where the events of a run are in its file, by search. What they hold is looked at when they are read; only what belongs to no search is
 * looked at, and told of, at once.
 */
export class EventIndex {
	readonly #where: string;
	readonly #trials: number;
	readonly #starts = new NumberColumn();
	readonly #ends = new NumberColumn();
	/** By scenario, then trial. */
	readonly #searches = new Map<string, readonly SearchLines[]>();
	/** Of lines that belong to no search. */
	readonly #unplaced: EventLog;
	/** Bytes of whole lines. */
	#size = 0;

	/** @param where names the file in messages */
	constructor(where: string, layout: RunLayout) {
		const { scenarios, trials = 1 } = layout;
		this.#where = where;
		this.#trials = trials;
		for (const scenario of scenarios)
			this.#searches.set(
				scenario,
				Array.from({ length: trials }, () => ({ lines: [], isWhole: true }))
			);
		this.#unplaced = new EventLog(where, { scenarios: [] });
	}

	/** What is damaged and belongs to no search for certain, each with its place. */
	get strays(): readonly string[] {
		return this.#unplaced.strays;
	}

	/** Bytes of whole lines. */
	get size(): number {
		return this.#size;
	}

	/**
	 * Takes all lines of a file of events.
	 * @returns the bytes behind the end of the last line
	 * @throws {StoreError} if nearly all of it is damaged
	 */
	async takeLines(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
		const lines = linesOf(pieces);
		for (;;) {
			const { done, value } = await lines.next();
			if (done) return value;
			this.takeLine(value);
		}
	}

	/** The next line of the file, without its end. */
	takeLine(bytes: Uint8Array): void {
		const line = this.#place(bytes.length + 1);
		const head = headOf(bytes);
		const search = head && this.#search(head);
		if (search) add(search, line, head.n);
		else this.#unplaced.takeLine(bytes, line + 1);
	}

	/** The next line of the file. @param length of the line in bytes, with its end */
	add(one: ScenarioEvent, length: number): void {
		add(this.#search(one)!, this.#place(length), one.event.n);
	}

	/** False where it must be looked up whether there is such an event. */
	isNew({ scenario, trial, event }: ScenarioEvent): boolean {
		const { isWhole, lines } = this.#search({ scenario, trial })!;
		return isWhole && event.n >= lines.length;
	}

	/** Lines that may hold events of a search. */
	count(id: SearchId): number {
		return this.#search(id)?.lines.length ?? 0;
	}

	/**
	 * The events of one scenario.
	 * @param range gives the bytes of the file from `start` up to `end`
	 */
	async log(scenario: string, range: (start: number, end: number) => Promise<Uint8Array>): Promise<EventLog> {
		const log = new EventLog(this.#where, { scenarios: [scenario], trials: this.#trials });
		for (const group of this.#groups(scenario)) {
			const [first, last] = [group[0]!, group.at(-1)!];
			const bytes = await range(first.start, last.end);
			for (const { line, start, end } of group)
				log.takeLine(bytes.subarray(start - first.start, end - first.start), line + 1);
		}
		return log;
	}

	/** Lines of a scenario, all trials, in the order of the file; lines that are near each other are in one group, to be read together. */
	#groups(scenario: string): LinePlace[][] {
		const lines = (this.#searches.get(scenario) ?? [])
			.flatMap((search) => search.lines)
			.sort((a, b) => a - b);
		const groups: LinePlace[][] = [];
		for (const line of lines) {
			const place = { line, start: this.#starts.at(line), end: this.#ends.at(line) };
			const last = groups.at(-1);
			if (last && place.start - last.at(-1)!.end <= smallGap) last.push(place);
			else groups.push([place]);
		}
		return groups;
	}

	#place(length: number): number {
		this.#starts.push(this.#size);
		this.#size += length;
		// Without the line's end.
		this.#ends.push(this.#size - 1);
		return this.#starts.length - 1;
	}

	#search({ scenario, trial = 0 }: { readonly scenario: unknown; readonly trial?: unknown }) {
		if (typeof scenario !== 'string') return undefined;
		return this.#searches.get(scenario)?.[typeof trial === 'number' ? trial : 0];
	}
}

function add(search: SearchLines, line: number, n: unknown): void {
	search.isWhole &&= n === search.lines.length;
	search.lines.push(line);
}

/** What tells where a line belongs; `undefined` if it is no JSON object. */
function headOf(line: Uint8Array) {
	let value: unknown;
	try {
		value = JSON.parse(decoded(line) ?? '');
	} catch {
		return undefined;
	}
	if (!isJsonObject(value)) return undefined;
	const { scenario, trial, event } = value;
	return { scenario, trial, n: isJsonObject(event) ? event['n'] : undefined };
}
