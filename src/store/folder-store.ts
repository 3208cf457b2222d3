import { parseJson } from '../base/json-read.ts';
import { writeJson } from '../base/json.ts';
import { sha256 } from '../base/hash.ts';
import type { FileAccess } from './file-access.ts';
import {
	StoreError,
	type RunChange,
	type RunRecord,
	type RunStore,
	type ScenarioEvent
} from './run-store.ts';
import {
	checkStorable,
	conflict,
	contentKey,
	idTaken,
	noSuchRun,
	packHashOf,
	positionOf,
	readRecord,
	readScenarioEvent,
	soundRecords
} from './stored-data.ts';

/** Stored events of one scenario by number. */
type Known = Map<number, ScenarioEvent>;

/**
 * Runs in a folder: `runs/<id>/run.json` and `events.jsonl`, which only grows, and `packs/<hash>.json`. A run exists as soon as its
 * `run.json` does. One process at a time; its calls are carried out one after the other.
 */
export class FolderStore implements RunStore {
	readonly #files: FileAccess;
	/** What is in the event files, by run and scenario, once they have been read. */
	readonly #events = new Map<string, Map<string, Known>>();
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
			this.#events.delete(id);
			await this.#files.write(packPath(hash), pack);
			await this.#files.write(recordPath(id), textOf(record));
		});
	}

	get(id: string): Promise<RunRecord | undefined> {
		return this.#inTurn(() => this.#record(id));
	}

	list(): Promise<RunRecord[]> {
		return this.#inTurn(() => this.#records());
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
			const text = await this.#files.read(recordPath(id));
			if (text === undefined) return;
			await this.#files.remove(recordPath(id));
			await this.#files.remove(`runs/${id}`);
			this.#events.delete(id);
			const hash = packHashOf(jsonOf(text));
			const others = await this.#records();
			if (hash !== undefined && !others.some(({ origin }) => origin.pack.hash === hash))
				await this.#files.remove(packPath(hash));
		});
	}

	append(id: string, events: readonly ScenarioEvent[]): Promise<void> {
		return this.#inTurn(async () => {
			const record = await this.#existing(id);
			const known = await this.#known(record);
			const fresh: ScenarioEvent[] = [];
			const added = new Map<string, Known>();
			for (const one of events) {
				const { scenario, event } = one;
				positionOf(record, scenario);
				const stored = known.get(scenario)?.get(event.n) ?? added.get(scenario)?.get(event.n);
				if (!stored) {
					checkStorable(one);
					learn(added, one);
					fresh.push(one);
				} else if (contentKey(stored.event) !== contentKey(event)) throw conflict(id, one);
			}
			if (fresh.length === 0) return;
			try {
				await this.#files.append(eventsPath(id), fresh.map((one) => `${writeJson(one)}\n`).join(''));
			} catch (error) {
				// How much of it was written is not known; reading the file again will tell.
				this.#events.delete(id);
				throw error;
			}
			for (const one of fresh) learn(known, one);
		});
	}

	events(id: string, scenario?: string): Promise<ScenarioEvent[]> {
		return this.#inTurn(async () => {
			const record = await this.#existing(id);
			if (scenario !== undefined) positionOf(record, scenario);
			const known = await this.#known(record);
			const scenarios = scenario === undefined ? record.config.scenarios : [scenario];
			return scenarios.flatMap((one) =>
				[...(known.get(one)?.values() ?? [])].sort((a, b) => a.event.n - b.event.n)
			);
		});
	}

	pack(hash: string): Promise<string | undefined> {
		return this.#inTurn(() => this.#files.read(packPath(hash)));
	}

	async #record(id: string): Promise<RunRecord | undefined> {
		const path = recordPath(id);
		const text = await this.#files.read(path);
		return text === undefined ? undefined : readRecord(parse(text, path), path);
	}

	async #existing(id: string): Promise<RunRecord> {
		const record = await this.#record(id);
		if (!record) throw noSuchRun(id);
		return record;
	}

	async #records(): Promise<RunRecord[]> {
		const readings = [];
		for (const id of await this.#files.list('runs')) {
			const path = recordPath(id);
			const text = await this.#files.read(path);
			if (text !== undefined) readings.push(() => readRecord(parse(text, path), path));
		}
		return soundRecords(readings);
	}

	async #known({ id }: RunRecord): Promise<Map<string, Known>> {
		const known = this.#events.get(id) ?? (await this.#readEvents(eventsPath(id)));
		this.#events.set(id, known);
		return known;
	}

	/** Whoever was killed while writing left a line without an end; its step is taken again. */
	async #readEvents(path: string): Promise<Map<string, Known>> {
		const known = new Map<string, Known>();
		const text = (await this.#files.read(path)) ?? '';
		const whole = text.slice(0, text.lastIndexOf('\n') + 1);
		const lines = whole.split('\n').slice(0, -1);
		for (const [index, line] of lines.entries()) {
			const where = `${path}, line ${index + 1},`;
			learn(known, readScenarioEvent(parse(line, where), where));
		}
		if (whole.length < text.length) await this.#files.write(path, whole);
		return known;
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

function learn(known: Map<string, Known>, one: ScenarioEvent): void {
	const numbers = known.get(one.scenario) ?? new Map<number, ScenarioEvent>();
	known.set(one.scenario, numbers.set(one.event.n, one));
}

function textOf(record: RunRecord): string {
	return `${writeJson(record, '\t')}\n`;
}

/** @param where names the place for the error message */
function parse(text: string, where: string): unknown {
	const value = jsonOf(text);
	if (value !== undefined) return value;
	throw new StoreError(`${where} is damaged: it is no JSON. Restore it from a copy, or delete this run.`);
}

function jsonOf(text: string): unknown {
	try {
		return parseJson(text);
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
