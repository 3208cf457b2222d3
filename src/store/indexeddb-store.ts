import { openDB, type IDBPDatabase } from 'idb';
import { sha256 } from '../base/hash.ts';
import { searchId, type SearchId } from '../search/run.ts';
import { EventLog } from './event-log.ts';
import { explain } from './indexeddb-errors.ts';
import {
	migrations as released,
	type EventKey,
	type JoshtreeSchema,
	type Migration,
	type SearchKey
} from './indexeddb-schema.ts';
import {
	StoreError,
	type EndedSearch,
	type RunChange,
	type RunListing,
	type RunOverview,
	type RunRecord,
	type RunStore,
	type ScenarioEvent,
	type StoredEvents
} from './run-store.ts';
import {
	checkStorable,
	conflict,
	contentKey,
	eventIssue,
	idTaken,
	listing,
	noSuchRun,
	packHashOf,
	positionOf,
	readRecord
} from './stored-data.ts';
import { readSummary, Searches } from './stored-summaries.ts';

type Database = IDBPDatabase<JoshtreeSchema>;

/** A power cut right after a write loses nothing: the browser answers only when it is on the disk. */
const onDisk = { durability: 'strict' } as const;

/** Positions whose words are in memory at a time while they are searched. */
const positionsAtOnce = 500;

const outdated = 'Another tab opened a newer version of Joshtree. Reload this one to go on.';
const closed =
	'The browser closed its database, as it does when site data is cleared or the disk is full. ' +
	'What was stored may be gone: reload the page to see what is left.';

/** Runs in the browser's IndexedDB. Opens it when first used, and again after the browser closed it. */
export class IndexedDbStore implements RunStore {
	readonly #name: string;
	readonly #migrations: readonly Migration[];
	#database: Promise<Database> | undefined;
	#outdated = false;
	#problem: string | undefined;
	#lastRead: Pick<RunRecord, 'id' | 'config'> | undefined;

	/** @param name of the database; another name is another store */
	constructor(name = 'joshtree', migrations: readonly Migration[] = released) {
		this.#name = name;
		this.#migrations = migrations;
	}

	get problem(): string | undefined {
		return this.#problem;
	}

	/** Opens the database now. @throws {StoreError} if the browser has none or does not let it be used */
	async open(): Promise<void> {
		await this.#use(async () => undefined);
	}

	create(record: RunRecord, pack: string): Promise<void> {
		return this.#use(async (database) => {
			checkStorable(record);
			const { hash } = record.origin.pack;
			if ((await sha256(pack)) !== hash)
				throw new StoreError(
					`The pack of run ${record.id} does not have the hash ${hash}; nothing was stored.`
				);
			const transaction = database.transaction(['runs', 'packs'], 'readwrite', onDisk);
			await settle(transaction, async () => {
				if ((await transaction.objectStore('runs').getKey(record.id)) !== undefined) throw idTaken(record.id);
				await transaction.objectStore('packs').put(pack, hash);
				await transaction.objectStore('runs').add(record);
			});
		});
	}

	get(id: string): Promise<RunRecord | undefined> {
		return this.#use(async (database) => {
			const record = await database.get('runs', id);
			return record && readRecord(record, `run ${id}`);
		});
	}

	list(): Promise<RunListing> {
		return this.#use(async (database) => {
			const records = await database.getAll('runs');
			return listing(
				records.map((record) => ({ id: record.id, read: () => readRecord(record, `run ${record.id}`) }))
			);
		});
	}

	update(id: string, change: RunChange): Promise<void> {
		return this.#use(async (database) => {
			const transaction = database.transaction('runs', 'readwrite', onDisk);
			await settle(transaction, async () => {
				const record = await transaction.store.get(id);
				if (!record) throw noSuchRun(id);
				const changed = { ...readRecord(record, `run ${id}`), ...change };
				checkStorable(changed);
				await transaction.store.put(changed);
			});
		});
	}

	delete(id: string): Promise<void> {
		this.#lastRead = undefined;
		return this.#use(async (database) => {
			const transaction = database.transaction(
				['runs', 'events', 'summaries', 'words', 'packs'],
				'readwrite',
				onDisk
			);
			await settle(transaction, async () => {
				const runs = transaction.objectStore('runs');
				const record = await runs.get(id);
				if (!record) return;
				await runs.delete(id);
				await transaction.objectStore('events').delete(keysOf(id));
				await transaction.objectStore('summaries').delete(keysOf(id));
				await transaction.objectStore('words').delete(keysOf(id));
				const hash = packHashOf(record);
				if (hash === undefined) return;
				if ((await runs.index('pack').count(hash)) === 0) await transaction.objectStore('packs').delete(hash);
			});
		});
	}

	append(id: string, events: readonly ScenarioEvent[], ended: readonly EndedSearch[] = []): Promise<void> {
		return this.#use(async (database) => {
			const run = await this.#read(database, id);
			const transaction = database.transaction(['runs', 'events', 'summaries', 'words'], 'readwrite', onDisk);
			await settle(transaction, async () => {
				// It may have been deleted meanwhile.
				if ((await transaction.objectStore('runs').getKey(id)) === undefined) throw noSuchRun(id);
				const store = transaction.objectStore('events');
				const keyed = events.map((one): { one: ScenarioEvent; key: EventKey } => {
					const { scenario, trial = 0, event } = one;
					return { one, key: [id, positionOf(run, scenario, trial), trial, event.n] };
				});
				// All are asked for at once: an answer takes longer than the work.
				const known = await Promise.all(keyed.map(({ key }) => store.get(key)));
				const added = new Map<string, (typeof keyed)[number]>();
				for (const [index, { one, key }] of keyed.entries()) {
					const name = JSON.stringify(key);
					const stored = known[index] ?? added.get(name)?.one;
					if (!stored) {
						checkStorable(one);
						added.set(name, { one, key });
					} else if (contentKey(stored.event) !== contentKey(one.event)) throw conflict(id, one);
				}
				const places = ended.map(({ scenario, trial = 0 }): SearchKey => [
					id,
					positionOf(run, scenario, trial),
					trial
				]);
				// Nothing is written before all of it was looked at.
				const writes: Promise<unknown>[] = [...added.values()].map(({ one, key }) => store.add(one, key));
				for (const [index, { scenario, trial, summary, words }] of ended.entries()) {
					const search = searchId(scenario, trial);
					writes.push(
						transaction.objectStore('summaries').put({ ...search, summary }, places[index]),
						transaction.objectStore('words').put({ ...search, words }, places[index])
					);
				}
				await Promise.all(writes);
			});
		});
	}

	overview(id: string): Promise<RunOverview> {
		return this.#use(async (database) => {
			const run = await this.#read(database, id);
			const searches = new Searches(run.config);
			const stored = await database.getAll('summaries', keysOf(id));
			const ended = stored.flatMap(({ scenario, trial, summary }) => {
				const read = readSummary(summary);
				return read ? [{ ...searchId(scenario, trial), summary: read }] : [];
			});
			const places = new Set(
				ended.map(({ scenario, trial }) => searches.placeOf(positionOf(run, scenario), trial))
			);
			return {
				ended,
				begun: await begunIn(database, id, searches, places),
				strays: await this.#strays(database, run)
			};
		});
	}

	find(id: string, words: readonly string[]): Promise<readonly SearchId[]> {
		return this.#use(async (database) => {
			const { config } = await this.#read(database, id);
			const found: SearchId[] = [];
			for (let position = 0; position < config.scenarios.length; position += positionsAtOnce) {
				const some = IDBKeyRange.bound([id, position], [id, position + positionsAtOnce], false, true);
				for (const { words: text, scenario, trial } of await database.getAll('words', some))
					if (words.every((word) => text.includes(word))) found.push(searchId(scenario, trial));
			}
			return found;
		});
	}

	events(id: string, scenario?: string): Promise<StoredEvents> {
		return this.#use(async (database) => {
			const record = await this.#read(database, id);
			const { scenarios } = record.config;
			const positions = scenario === undefined ? scenarios.keys() : [positionOf(record, scenario)];
			const { store } = database.transaction('events');
			// All are asked for at once, so that some are checked while others are still being read.
			const readings = [...positions].map(async (position): Promise<StoredEvents> => {
				const values = await store.getAll(keysOf(id, position));
				if (areWhole(values, scenarios[position]!, record.config.trials ?? 1))
					return { events: values, damage: [] };
				return readDamaged(database, record, position);
			});
			const found = await Promise.all(readings);
			return {
				events: found.flatMap(({ events }) => events),
				damage: [
					...(scenario === undefined ? await this.#strays(database, record) : []),
					...found.flatMap(({ damage }) => damage)
				]
			};
		});
	}

	strays(id: string): Promise<readonly string[]> {
		return this.#use(async (database) => this.#strays(database, await this.#read(database, id)));
	}

	async #strays(database: Database, { id, config }: Pick<RunRecord, 'id' | 'config'>): Promise<string[]> {
		const beyond = IDBKeyRange.bound([id, config.scenarios.length], [id, []]);
		const count = await database.count('events', beyond);
		return count === 0 ? [] : [`run ${id}: ${count} events of scenarios that it does not have`];
	}

	/**
	 * What a run was made with. A caller that reads a run scenario by scenario asks for it each time, and copying thousands of ids out of the
	 * database would be most of the work; a run's configuration never changes.
	 */
	async #read(database: Database, id: string): Promise<Pick<RunRecord, 'id' | 'config'>> {
		if (this.#lastRead?.id === id && (await database.getKey('runs', id)) !== undefined) return this.#lastRead;
		const record = await database.get('runs', id);
		if (!record) throw noSuchRun(id);
		this.#lastRead = { id, config: record.config };
		return this.#lastRead;
	}

	upgrade(id: string, eventSchema: number, events: readonly ScenarioEvent[]): Promise<void> {
		return this.#use(async (database) => {
			const transaction = database.transaction(['runs', 'events', 'summaries', 'words'], 'readwrite', onDisk);
			await settle(transaction, async () => {
				// Those of the events before.
				await transaction.objectStore('summaries').delete(keysOf(id));
				await transaction.objectStore('words').delete(keysOf(id));
				const runs = transaction.objectStore('runs');
				const stored = await runs.get(id);
				if (!stored) throw noSuchRun(id);
				const record = readRecord(stored, `run ${id}`);
				for (const one of events) {
					checkStorable(one);
					const { scenario, trial = 0, event } = one;
					await transaction
						.objectStore('events')
						.put(one, [id, positionOf(record, scenario, trial), trial, event.n]);
				}
				await runs.put({ ...record, origin: { ...record.origin, eventSchema } });
			});
		});
	}

	pack(hash: string): Promise<string | undefined> {
		return this.#use(async (database) => {
			const text = await database.get('packs', hash);
			if (text === undefined || (await sha256(text)) === hash) return text;
			throw new StoreError(
				`The stored pack of hash ${hash} is damaged. Delete the runs that were made with it.`
			);
		});
	}

	/** Lets go of the database; the next use opens it again. */
	async close(): Promise<void> {
		const database = this.#database;
		this.#database = undefined;
		(await database)?.close();
	}

	async #use<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
		try {
			return await work(await this.#open());
		} catch (error) {
			throw explain(error);
		}
	}

	#open(): Promise<Database> {
		if (this.#outdated) throw new StoreError(outdated);
		this.#database ??= this.#connect().catch((error: unknown) => {
			this.#database = undefined;
			throw error;
		});
		return this.#database;
	}

	#connect(): Promise<Database> {
		return new Promise((resolve, reject) => {
			const opening = openDB<JoshtreeSchema>(this.#name, this.#migrations.length, {
				upgrade: async (database, oldVersion, _newVersion, transaction) => {
					for (const migrate of this.#migrations.slice(oldVersion)) await migrate(database, transaction);
				},
				blocked: () => {
					reject(
						new StoreError(
							'Another tab still uses an older version of the database. Close the other tabs and try again.'
						)
					);
					// The callers that wait for it have been refused.
					opening.then((database) => database.close()).catch(() => undefined);
				},
				blocking: (_version, newVersion) => {
					this.#outdated = newVersion !== null;
					this.#problem = this.#outdated ? outdated : closed;
					void this.close();
				},
				terminated: () => {
					this.#database = undefined;
					this.#problem = closed;
				}
			});
			opening.then(resolve, reject);
		});
	}
}

/** All keys of a run, or of one scenario in it, in any store but `runs` and `packs`. An array is greater than any number or text. */
function keysOf(id: string, position?: number): IDBKeyRange {
	return position === undefined
		? IDBKeyRange.bound([id], [id, []])
		: IDBKeyRange.bound([id, position], [id, position, []]);
}

/**
 * Searches that have events, of those whose place is not in `ended`. Looks at one key for each such search, and at one for each gap between
 * those that ended, however many events there are.
 */
async function begunIn(
	database: Database,
	id: string,
	searches: Searches,
	ended: ReadonlySet<number>
): Promise<SearchId[]> {
	const begun: SearchId[] = [];
	const openFrom = (place: number): EventKey | undefined => {
		while (place < searches.count && ended.has(place)) place++;
		return place < searches.count ? [id, ...searches.positionOf(place), 0] : undefined;
	};
	let open = openFrom(0);
	if (!open) return begun;
	const { store } = database.transaction('events');
	// A key range of a run ends with any text or list in the place of a position.
	let cursor = await store.openKeyCursor(IDBKeyRange.bound(open, [id, []]));
	while (cursor) {
		const [, position, trial] = cursor.key;
		const place = searches.placeOf(position, trial);
		if (place >= searches.count) break;
		if (!ended.has(place)) begun.push(searches.at(place));
		open = openFrom(place + 1);
		if (!open) break;
		cursor = await cursor.continue(open);
	}
	return begun;
}

/** Whether these are all events of a scenario's trials, one after the other. */
function areWhole(values: readonly ScenarioEvent[], scenario: string, trials: number): boolean {
	let [trial, next] = [0, 0];
	return values.every((value) => {
		if (eventIssue(value) !== undefined || value.scenario !== scenario) return false;
		const { trial: its = 0, event } = value;
		if (its > trial && its < trials) [trial, next] = [its, 0];
		return its === trial && event.n === next++;
	});
}

/** Keys are as slow to read as values: they are asked for only where they must name a place. */
async function readDamaged(
	database: Database,
	record: Pick<RunRecord, 'id' | 'config'>,
	position: number
): Promise<StoredEvents> {
	const { id, config } = record;
	const scenario = config.scenarios[position]!;
	const { store } = database.transaction('events');
	const range = keysOf(id, position);
	const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
	const log = new EventLog(`run ${id}`, record.config);
	for (const [index, value] of values.entries())
		log.take(value, `run ${id}, scenario ${scenario}, event ${keys[index]![3]},`);
	const { events, damage } = log.read(scenario);
	return { events, damage: [...damage, ...log.strays] };
}

/** Does the work and waits until it is on the disk; undoes all of it if any of it fails. */
async function settle(
	transaction: { readonly done: Promise<void>; readonly error: DOMException | null; abort(): void },
	work: () => Promise<void>
): Promise<void> {
	// What went wrong is thrown below; without this, `done` would complain a second time.
	transaction.done.catch(() => undefined);
	try {
		await work();
	} catch (error) {
		// Where a full disk ended the transaction, its requests say only that it was ended.
		const cause = transaction.error ?? error;
		try {
			transaction.abort();
		} catch {
			// It has ended already.
		}
		throw cause;
	}
	await transaction.done;
}
