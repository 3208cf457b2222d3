import { openDB, type IDBPDatabase } from 'idb';
import { sha256 } from '../base/hash.ts';
import { explain } from './indexeddb-errors.ts';
import {
	migrations as released,
	type EventKey,
	type JoshtreeSchema,
	type Migration
} from './indexeddb-schema.ts';
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

type Database = IDBPDatabase<JoshtreeSchema>;

/** A power cut right after a write loses nothing: the browser answers only when it is on the disk. */
const onDisk = { durability: 'strict' } as const;

/** Runs in the browser's IndexedDB. Opens it when first used, and again after the browser closed it. */
export class IndexedDbStore implements RunStore {
	readonly #name: string;
	readonly #migrations: readonly Migration[];
	#database: Promise<Database> | undefined;
	#outdated = false;
	#lastRead: Pick<RunRecord, 'id' | 'config'> | undefined;

	/** @param name of the database; another name is another store */
	constructor(name = 'joshtree', migrations: readonly Migration[] = released) {
		this.#name = name;
		this.#migrations = migrations;
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

	list(): Promise<RunRecord[]> {
		return this.#use(async (database) => {
			const records = await database.getAll('runs');
			return soundRecords(records.map((record) => () => readRecord(record, `run ${record.id}`)));
		});
	}

	update(id: string, change: RunChange): Promise<void> {
		return this.#use(async (database) => {
			const transaction = database.transaction('runs', 'readwrite', onDisk);
			await settle(transaction, async () => {
				const record = await transaction.store.get(id);
				if (!record) throw noSuchRun(id);
				const changed = { ...record, ...change };
				checkStorable(changed);
				await transaction.store.put(changed);
			});
		});
	}

	delete(id: string): Promise<void> {
		this.#lastRead = undefined;
		return this.#use(async (database) => {
			const transaction = database.transaction(['runs', 'events', 'packs'], 'readwrite', onDisk);
			await settle(transaction, async () => {
				const runs = transaction.objectStore('runs');
				const record = await runs.get(id);
				if (!record) return;
				await runs.delete(id);
				await transaction.objectStore('events').delete(eventsOf(id));
				const hash = packHashOf(record);
				if (hash === undefined) return;
				if ((await runs.index('pack').count(hash)) === 0) await transaction.objectStore('packs').delete(hash);
			});
		});
	}

	append(id: string, events: readonly ScenarioEvent[]): Promise<void> {
		return this.#use(async (database) => {
			const transaction = database.transaction(['runs', 'events'], 'readwrite', onDisk);
			await settle(transaction, async () => {
				const record = await transaction.objectStore('runs').get(id);
				if (!record) throw noSuchRun(id);
				const store = transaction.objectStore('events');
				for (const one of events) {
					const key: EventKey = [id, positionOf(record, one.scenario), one.event.n];
					const stored = await store.get(key);
					if (!stored) {
						checkStorable(one);
						await store.add(one, key);
					} else if (contentKey(stored.event) !== contentKey(one.event)) throw conflict(id, one);
				}
			});
		});
	}

	events(id: string, scenario?: string): Promise<ScenarioEvent[]> {
		return this.#use(async (database) => {
			const record = await this.#read(database, id);
			const { scenarios } = record.config;
			const positions = scenario === undefined ? scenarios.keys() : [positionOf(record, scenario)];
			const { store } = database.transaction('events');
			// All are asked for at once, so that some are checked while others are still being read.
			const readings = [...positions].map(async (position) => {
				const values = await store.getAll(eventsOf(id, position));
				const where = async (index: number) => {
					const keys = await database.getAllKeys('events', eventsOf(id, position));
					return `run ${id}, scenario ${scenarios[position]}, event ${keys[index]?.[2]},`;
				};
				return readAll(values, where);
			});
			return (await Promise.all(readings)).flat();
		});
	}

	/**
	 * What a run was made with. Whoever reads a run scenario by scenario asks for it each time, and copying thousands of ids out of the
	 * database would be most of the work; a run's configuration never changes.
	 */
	async #read(database: Database, id: string): Promise<Pick<RunRecord, 'id' | 'config'>> {
		if (this.#lastRead?.id === id && (await database.getKey('runs', id)) !== undefined) return this.#lastRead;
		const record = await database.get('runs', id);
		if (!record) throw noSuchRun(id);
		this.#lastRead = { id, config: record.config };
		return this.#lastRead;
	}

	pack(hash: string): Promise<string | undefined> {
		return this.#use((database) => database.get('packs', hash));
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
		if (this.#outdated)
			throw new StoreError('Another tab opened a newer version of Joshtree. Reload this one to go on.');
		this.#database ??= this.#connect().catch((error: unknown) => {
			this.#database = undefined;
			throw error;
		});
		return this.#database;
	}

	#connect(): Promise<Database> {
		return new Promise((resolve, reject) => {
			const opening = openDB<JoshtreeSchema>(this.#name, this.#migrations.length, {
				upgrade: (database, oldVersion) => {
					for (const migrate of this.#migrations.slice(oldVersion)) migrate(database);
				},
				blocked: () => {
					reject(
						new StoreError(
							'Another tab still uses an older version of the database. Close the other tabs and try again.'
						)
					);
					// Whoever waits for it has been told no.
					opening.then((database) => database.close()).catch(() => undefined);
				},
				blocking: () => {
					this.#outdated = true;
					void this.close();
				},
				terminated: () => {
					this.#database = undefined;
				}
			});
			opening.then(resolve, reject);
		});
	}
}

/** All keys of a run, or of one scenario in it. An array is greater than any number or text. */
function eventsOf(id: string, position?: number): IDBKeyRange {
	return position === undefined
		? IDBKeyRange.bound([id], [id, []])
		: IDBKeyRange.bound([id, position], [id, position, []]);
}

/**
 * Stored values, checked.
 * @param where names the place of a damaged one; it is asked only then, for keys are as slow to read as values
 */
async function readAll(
	values: readonly unknown[],
	where: (index: number) => Promise<string>
): Promise<ScenarioEvent[]> {
	let index = 0;
	try {
		for (; index < values.length; index++) readScenarioEvent(values[index], '');
	} catch {
		readScenarioEvent(values[index], await where(index));
	}
	return values as ScenarioEvent[];
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
