import type { DBSchema, IDBPDatabase } from 'idb';
import type { RunRecord, ScenarioEvent } from './run-store.ts';

/** The place of an event: its run, the scenario's position in the configuration, its number. Key order is reading order. */
export type EventKey = [run: string, position: number, n: number];

export interface JoshtreeSchema extends DBSchema {
	runs: {
		key: string;
		value: RunRecord;
		/** By the hash of the pack. */
		indexes: { pack: string };
	};
	events: { key: EventKey; value: ScenarioEvent };
	/** JSON texts by their hash. */
	packs: { key: string; value: string };
}

export type Migration = (database: IDBPDatabase<JoshtreeSchema>) => void;

/**
 * Migration `i` makes version `i + 1` of version `i`, so their number is the version of the schema. Those that were released are never
 * changed; a new one is added to the end.
 */
export const migrations: readonly Migration[] = [
	(database) => {
		database.createObjectStore('runs', { keyPath: 'id' }).createIndex('pack', 'origin.pack.hash');
		database.createObjectStore('events');
		database.createObjectStore('packs');
	}
];
