import { decoded, linesOf } from '../base/bytes.ts';
import { parseJson } from '../base/json-read.ts';
import { isJsonObject, writeJson } from '../base/json.ts';
import { sha256 } from '../base/hash.ts';
import { searchId, type SearchId } from '../search/run.ts';
import { EventIndex } from './event-index.ts';
import { eventsOfAll, type EventLog } from './event-log.ts';
import type { FileAccess } from './file-access.ts';
import {
	StoreError,
	type EndedSearch,
	type RunChange,
	type RunLayout,
	type RunListing,
	type RunOverview,
	type RunRecord,
	type RunStore,
	type ScenarioEvent,
	type StoredEvents,
	type SummarizedSearch
} from './run-store.ts';
import {
	checkStorable,
	conflict,
	contentKey,
	damaged,
	damageError,
	idTaken,
	listing,
	noSuchRun,
	packHashOf,
	positionOf,
	readRecord
} from './stored-data.ts';
import { readSummary, Searches } from './stored-summaries.ts';

/** What is in a run's files, once they have been read. */
interface KnownRun {
	readonly layout: RunLayout;
	readonly events: EventIndex;
	/** Bytes behind the last whole line of the events, which go before more are written. */
	cutOff: number;
	/** By place; see `Searches`. */
	readonly ended: Map<number, SummarizedSearch>;
	/** Whether the file of ended searches ends with a whole line, or is not there. */
	endsWhole: boolean;
	readonly strays: readonly string[];
}

/**
 * Runs in a folder: `runs/<id>/run.json`; `events.jsonl`, which only grows; `ended.jsonl`, the summaries and words of searches that have ended,
 * of which the last line of a search counts; and `packs/<hash>.json`. A run exists as soon as its `run.json` does. One process at a time; its
 * calls are carried out one after the other.
 */
export class FolderStore implements RunStore {
	readonly #files: FileAccess;
	readonly #known = new Map<string, KnownRun>();
	readonly #encoder = new TextEncoder();
	#last: Promise<unknown> = Promise.resolve();

	constructor(files: FileAccess) {
		this.#files = files;
	}

	create(record: RunRecord, pack: string): Promise<void> {
		return this.#inTurn(async () => {
			checkStorable(record);
			const { id, origin } = record;
			const { hash } = origin.pack;
			if ((await sha256(pack)) !== hash)
				throw new StoreError(`The pack of run ${id} does not have the hash ${hash}; nothing was stored.`);
			if (await this.#record(id)) throw idTaken(id);
			// Left behind by a deletion that was cut off.
			await this.#files.remove(`runs/${id}`);
			this.#known.delete(id);
			await this.#files.write(packPath(hash), pack);
			await this.#files.write(recordPath(id), textOf(record));
		});
	}

	get(id: string): Promise<RunRecord | undefined> {
		return this.#inTurn(() => this.#record(id));
	}

	list(): Promise<RunListing> {
		return this.#inTurn(() => this.#list());
	}

	update(id: string, change: RunChange): Promise<void> {
		return this.#inTurn(async () => {
			const changed = { ...(await this.#existing(id)), ...change };
			checkStorable(changed);
			await this.#files.write(recordPath(id), textOf(changed));
		});
	}

	delete(id: string): Promise<void> {
		return this.#inTurn(async () => {
			const bytes = await this.#files.read(recordPath(id));
			if (bytes) await this.#files.remove(recordPath(id));
			await this.#files.remove(`runs/${id}`);
			this.#known.delete(id);
			const hash = bytes && packHashOf(jsonOf(bytes));
			const { runs } = await this.#list();
			if (hash !== undefined && !runs.some(({ origin }) => origin.pack.hash === hash))
				await this.#files.remove(packPath(hash));
		});
	}

	append(id: string, events: readonly ScenarioEvent[], ended: readonly EndedSearch[] = []): Promise<void> {
		return this.#inTurn(async () => {
			const run = await this.#run(id);
			for (const one of [...events, ...ended]) placeOf(id, run.layout, one);
			const fresh = await this.#freshOf(id, run, events);
			if (fresh.length > 0) await this.#appendEvents(id, run, fresh);
			if (ended.length > 0) await this.#appendEnded(id, run, ended);
		});
	}

	overview(id: string): Promise<RunOverview> {
		return this.#inTurn(async () => {
			const run = await this.#run(id);
			const searches = new Searches(run.layout);
			const ended: SummarizedSearch[] = [];
			const begun: SearchId[] = [];
			for (let place = 0; place < searches.count; place++) {
				const search = searches.at(place);
				const known = summarized(run, place, search);
				if (known) ended.push(known);
				else if (run.events.count(search) > 0) begun.push(search);
			}
			return { ended, begun, strays: run.strays };
		});
	}

	find(id: string, words: readonly string[]): Promise<readonly SearchId[]> {
		return this.#inTurn(async () => {
			const run = await this.#run(id);
			const searches = new Searches(run.layout);
			const found = new Set<number>();
			for await (const { place, row } of this.#endedRows(id, run)) {
				const { words: text } = row;
				if (typeof text === 'string' && words.every((word) => text.includes(word))) found.add(place);
				else found.delete(place);
			}
			return [...found]
				.sort((a, b) => a - b)
				.map((place) => ({ place, search: searches.at(place) }))
				.filter(({ place, search }) => summarized(run, place, search))
				.map(({ search }) => search);
		});
	}

	upgrade(id: string, eventSchema: number, events: readonly ScenarioEvent[]): Promise<void> {
		return this.#inTurn(async () => {
			const record = await this.#existing(id);
			for (const one of events) {
				placeOf(id, record.config, one);
				checkStorable(one);
			}
			this.#known.delete(id);
			// Of the events before.
			await this.#files.remove(endedPath(id));
			await this.#files.write(eventsPath(id), events.map(lineOf).join(''));
			await this.#files.write(
				recordPath(id),
				textOf({ ...record, origin: { ...record.origin, eventSchema } })
			);
		});
	}

	events(id: string, scenario?: string): Promise<StoredEvents> {
		return this.#inTurn(async () => {
			const run = await this.#run(id);
			const eventsOf = async (one: string) => (await this.#log(id, run, one)).read(one);
			if (scenario === undefined) return eventsOfAll(run.layout, run.strays, eventsOf);
			placeOf(id, run.layout, { scenario });
			return eventsOf(scenario);
		});
	}

	strays(id: string): Promise<readonly string[]> {
		return this.#inTurn(async () => (await this.#run(id)).strays);
	}

	pack(hash: string): Promise<string | undefined> {
		return this.#inTurn(async () => {
			const path = packPath(hash);
			const bytes = await this.#files.read(path);
			if (!bytes) return undefined;
			const text = decoded(bytes);
			if (text !== undefined && (await sha256(text)) === hash) return text;
			throw damageError(
				[damaged(path, { message: 'it is not the pack of this hash' })],
				'Restore it from a copy.'
			);
		});
	}

	async #record(id: string): Promise<RunRecord | undefined> {
		const path = recordPath(id);
		const bytes = await this.#files.read(path);
		return bytes && recordIn(bytes, path);
	}

	async #existing(id: string): Promise<RunRecord> {
		const record = await this.#record(id);
		if (!record) throw noSuchRun(id);
		return record;
	}

	async #list(): Promise<RunListing> {
		const readings = [];
		for (const id of await this.#files.list('runs')) {
			const path = recordPath(id);
			const bytes = await this.#files.read(path);
			// A run's record is written first, and one that is deleted goes first, too.
			if (!bytes && !(await this.#files.list(`runs/${id}`)).includes('events.jsonl')) continue;
			readings.push({ id, read: () => recordIn(bytes, path) });
		}
		return listing(readings);
	}

	/** The configuration of a run never changes, so that its record is read once. */
	async #run(id: string): Promise<KnownRun> {
		const known = this.#known.get(id);
		if (known) return known;
		const { config, status } = await this.#existing(id);
		const events = new EventIndex(eventsPath(id), config);
		const { length: cutOff } = await events.takeLines((await this.#files.pieces(eventsPath(id))) ?? []);
		const isLost = cutOff > 0 && status === 'finished';
		const run: KnownRun = {
			layout: config,
			events,
			cutOff,
			ended: new Map(),
			endsWhole: true,
			strays: [...events.strays, ...(isLost ? [`${eventsPath(id)}: its last line is cut off`] : [])]
		};
		const searches = new Searches(config);
		for await (const { place, row } of this.#endedRows(id, run))
			keep(run, place, searches.at(place), row['summary']);
		this.#known.set(id, run);
		return run;
	}

	/** Those that are not there yet. @throws {StoreError} if there is another one of the same number */
	async #freshOf(
		id: string,
		run: KnownRun,
		events: readonly ScenarioEvent[]
	): Promise<readonly ScenarioEvent[]> {
		const fresh = new Map<string, ScenarioEvent>();
		const logs = new Map<string, EventLog>();
		for (const one of events) {
			const { scenario, trial = 0, event } = one;
			const key = JSON.stringify([scenario, trial, event.n]);
			let stored = fresh.get(key) as ReturnType<EventLog['get']>;
			if (!stored && !run.events.isNew(one)) {
				const log = logs.get(scenario) ?? (await this.#log(id, run, scenario));
				logs.set(scenario, log);
				stored = log.get(one);
			}
			if (!stored) {
				checkStorable(one);
				fresh.set(key, one);
			} else if (stored === 'damaged' || contentKey(stored.event) !== contentKey(event))
				throw conflict(id, one);
		}
		return [...fresh.values()];
	}

	async #appendEvents(id: string, run: KnownRun, events: readonly ScenarioEvent[]): Promise<void> {
		const lines = events.map(lineOf);
		try {
			// A writer that was killed left a line without an end; its step is taken again.
			if (run.cutOff > 0) await this.#files.truncate(eventsPath(id), run.events.size);
			run.cutOff = 0;
			await this.#files.append(eventsPath(id), lines.join(''));
		} catch (error) {
			// How much of it was written is not known; reading the file again will tell.
			this.#known.delete(id);
			throw error;
		}
		for (const [index, one] of events.entries())
			run.events.add(one, this.#encoder.encode(lines[index]).length);
	}

	async #appendEnded(id: string, run: KnownRun, ended: readonly EndedSearch[]): Promise<void> {
		const lines = ended.map((one) => `${writeJson(one)}\n`).join('');
		try {
			await this.#files.append(endedPath(id), run.endsWhole ? lines : `\n${lines}`);
		} catch (error) {
			this.#known.delete(id);
			throw error;
		}
		run.endsWhole = true;
		for (const { scenario, trial, summary } of ended) {
			const search = searchId(scenario, trial);
			keep(run, placeOf(id, run.layout, search), search, summary);
		}
	}

	/** What can be read of them: what is damaged is made again. */
	async *#endedRows(id: string, run: KnownRun) {
		const lines = linesOf((await this.#files.pieces(endedPath(id))) ?? []);
		for (;;) {
			const { done, value } = await lines.next();
			if (done) {
				run.endsWhole = value.length === 0;
				return;
			}
			const row = jsonOf(value);
			if (!isJsonObject(row)) continue;
			try {
				yield { place: placeOf(id, run.layout, row as unknown as SearchId), row };
			} catch (error) {
				if (!(error instanceof StoreError)) throw error;
			}
		}
	}

	#log(id: string, run: KnownRun, scenario: string): Promise<EventLog> {
		return run.events.log(scenario, (start, end) => this.#files.range(eventsPath(id), start, end));
	}

	/** Carried out after all that was asked before, whether that succeeded or not. */
	#inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
		const result = this.#last.then(work, work).catch((error: unknown) => {
			throw explain(error);
		});
		this.#last = result;
		return result;
	}
}

const recordPath = (id: string): string => `runs/${id}/run.json`;
const eventsPath = (id: string): string => `runs/${id}/events.jsonl`;
const endedPath = (id: string): string => `runs/${id}/ended.jsonl`;
const packPath = (hash: string): string => `packs/${hash}.json`;

function textOf(record: RunRecord): string {
	return `${writeJson(record, '\t')}\n`;
}

function lineOf(one: ScenarioEvent): string {
	return `${writeJson(one)}\n`;
}

/** @throws {StoreError} if the run has no such search */
function placeOf(id: string, config: RunLayout, { scenario, trial }: SearchId): number {
	return new Searches(config).placeOf(positionOf({ id, config }, scenario, trial), trial);
}

/** The last summary of a search counts. */
function keep({ ended }: KnownRun, place: number, search: SearchId, stored: unknown): void {
	const summary = readSummary(stored);
	if (summary) ended.set(place, { ...search, summary });
	else ended.delete(place);
}

/** A search with its summary, as long as that is one of the events that are there: another copy of them may have been put in their place. */
function summarized(
	{ ended, events }: KnownRun,
	place: number,
	search: SearchId
): SummarizedSearch | undefined {
	const known = ended.get(place);
	return known?.summary.events === events.count(search) ? known : undefined;
}

/** @param where names the place for the error message */
function recordIn(bytes: Uint8Array | undefined, where: string): RunRecord {
	const value = bytes && jsonOf(bytes);
	if (value !== undefined) return readRecord(value, where);
	const message = !bytes
		? 'it is missing'
		: bytes.length === 0
			? 'it is empty'
			: 'it is cut off, or not JSON';
	throw damageError([damaged(where, { message })], 'Restore it from a copy, or delete this run.');
}

function jsonOf(bytes: Uint8Array): unknown {
	try {
		return parseJson(decoded(bytes) ?? '');
	} catch {
		return undefined;
	}
}

function explain(error: unknown): StoreError {
	if (error instanceof StoreError) return error;
	const code = (error as { readonly code?: unknown }).code;
	const message = error instanceof Error ? error.message : String(error);
	const advice =
		code === 'ENOSPC' || code === 'EDQUOT'
			? 'The disk is full. Free some space and continue'
			: 'Look whether the folder is there and may be written, then continue';
	return new StoreError(`${message}. ${advice}; what was stored before is safe.`, { cause: error });
}
