import { decoded } from '../base/bytes.ts';
import { parseJson } from '../base/json-read.ts';
import { writeJson } from '../base/json.ts';
import { sha256 } from '../base/hash.ts';
import { EventLog } from './event-log.ts';
import type { FileAccess } from './file-access.ts';
import {
	StoreError,
	type RunChange,
	type RunListing,
	type RunRecord,
	type RunStore,
	type ScenarioEvent,
	type StoredEvents
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

/**
 * Runs in a folder: `runs/<id>/run.json` and `events.jsonl`, which only grows, and `packs/<hash>.json`. A run exists as soon as its
 * `run.json` does. One process at a time; its calls are carried out one after the other.
 */
export class FolderStore implements RunStore {
	readonly #files: FileAccess;
	/** What is in the event files, by run, once they have been read. */
	readonly #logs = new Map<string, EventLog>();
	/** Bytes of whole lines in the event files whose last line was cut off. */
	readonly #wholeBytes = new Map<string, number>();
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
			this.#logs.delete(id);
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
			this.#logs.delete(id);
			const hash = bytes && packHashOf(jsonOf(bytes));
			const { runs } = await this.#list();
			if (hash !== undefined && !runs.some(({ origin }) => origin.pack.hash === hash))
				await this.#files.remove(packPath(hash));
		});
	}

	append(id: string, events: readonly ScenarioEvent[]): Promise<void> {
		return this.#inTurn(async () => {
			const record = await this.#existing(id);
			const log = await this.#log(record);
			const fresh: ScenarioEvent[] = [];
			const added = new EventLog('', record);
			for (const one of events) {
				const { event } = one;
				positionOf(record, one.scenario, one.trial);
				const stored = log.get(one) ?? added.get(one);
				if (!stored) {
					checkStorable(one);
					added.add(one);
					fresh.push(one);
				} else if (stored === 'damaged' || contentKey(stored.event) !== contentKey(event))
					throw conflict(id, one);
			}
			if (fresh.length === 0) return;
			await this.#mendEnd(id);
			try {
				await this.#files.append(eventsPath(id), fresh.map((one) => `${writeJson(one)}\n`).join(''));
			} catch (error) {
				// How much of it was written is not known; reading the file again will tell.
				this.#logs.delete(id);
				throw error;
			}
			for (const one of fresh) log.add(one);
		});
	}

	upgrade(id: string, eventSchema: number, events: readonly ScenarioEvent[]): Promise<void> {
		return this.#inTurn(async () => {
			const record = await this.#existing(id);
			for (const one of events) {
				positionOf(record, one.scenario, one.trial);
				checkStorable(one);
			}
			this.#logs.delete(id);
			this.#wholeBytes.delete(id);
			await this.#files.write(eventsPath(id), events.map((one) => `${writeJson(one)}\n`).join(''));
			await this.#files.write(
				recordPath(id),
				textOf({ ...record, origin: { ...record.origin, eventSchema } })
			);
		});
	}

	events(id: string, scenario?: string): Promise<StoredEvents> {
		return this.#inTurn(async () => {
			const record = await this.#existing(id);
			if (scenario !== undefined) positionOf(record, scenario);
			return (await this.#log(record)).read(scenario);
		});
	}

	strays(id: string): Promise<readonly string[]> {
		return this.#inTurn(async () => (await this.#log(await this.#existing(id))).strays);
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

	async #log(record: RunRecord): Promise<EventLog> {
		const { id } = record;
		const known = this.#logs.get(id);
		if (known) return known;
		const log = new EventLog(eventsPath(id), record);
		const bytes = await this.#files.read(eventsPath(id));
		const rest = await log.takeLines(bytes ? [bytes] : []);
		if (rest.length > 0) {
			this.#wholeBytes.set(id, bytes!.length - rest.length);
			if (record.status === 'finished') log.strays.push(`${eventsPath(id)}: its last line is cut off`);
		}
		this.#logs.set(id, log);
		return log;
	}

	/** A writer that was killed left a line without an end; its step is taken again. */
	async #mendEnd(id: string): Promise<void> {
		const length = this.#wholeBytes.get(id);
		if (length === undefined) return;
		await this.#files.truncate(eventsPath(id), length);
		this.#wholeBytes.delete(id);
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
const packPath = (hash: string): string => `packs/${hash}.json`;

function textOf(record: RunRecord): string {
	return `${writeJson(record, '\t')}\n`;
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
