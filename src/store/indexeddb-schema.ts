import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { EndedSearch, RunRecord, ScenarioEvent, SummarizedSearch } from './run-store.ts';

/** The place of an event: its run, the scenario's position in the configuration, the trial, its number. Key order is reading order. */
export type EventKey = [run: string, position: number, trial: number, n: number];

/** The place of a search that has ended: its run, the scenario's position in the configuration, the trial. */
export type SearchKey = [run: string, position: number, trial: number];

export interface JoshtreeSchema extends DBSchema {
	runs: {
		key: string;
		value: RunRecord;
		/** By the hash of the pack. */
		indexes: { pack: string };
	};
	events: { key: EventKey; value: ScenarioEvent };
	summaries: { key: SearchKey; value: SummarizedSearch };
	/** Beside the summaries, so that these are read without them. */
	words: { key: SearchKey; value: Omit<EndedSearch, 'summary'> };
	/** JSON texts by their hash. */
	packs: { key: string; value: string };
}

type Upgrade = IDBPTransaction<JoshtreeSchema, StoreNames<JoshtreeSchema>[], 'versionchange'>;

/** Works within the transaction that raises the version; nothing else may be waited for. */
export type Migration = (
	database: IDBPDatabase<JoshtreeSchema>,
	transaction: Upgrade
) => void | Promise<void>;

/**
 * Migration `i` makes version `i + 1` of version `i`, so their number is the version of the schema. Those that were released are never
 * changed; a new one is added to the end.
 */
export const migrations: readonly Migration[] = [
	(database) => {
		database.createObjectStore('runs', { keyPath: 'id' }).createIndex('pack', 'origin.pack.hash');
		database.createObjectStore('events');
		database.createObjectStore('packs');
	},
	// Events were keyed by run, position and number: their trial is the first.
	async (_database, transaction) => {
		const store = transaction.objectStore('events');
		for (let cursor = await store.openCursor(); cursor; cursor = await cursor.continue()) {
			const [run, position, n, ...rest] = cursor.key as number[] as unknown as [string, number, number];
			if ((rest as unknown[]).length > 0) continue;
			await store.put(cursor.value, [run, position, 0, n]);
			await cursor.delete();
		}
	},
	// Runs that were there before get their summaries when they are looked at.
	(database) => {
		database.createObjectStore('summaries');
		database.createObjectStore('words');
	}
];
