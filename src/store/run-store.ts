import type { SearchEvent } from '../search/events.ts';
import type { RunConfig, RunOrigin } from '../search/run-config.ts';

/** An event and the scenario it belongs to. */
export interface ScenarioEvent {
	readonly scenario: string;
	readonly event: SearchEvent;
}

export interface RunRecord {
	readonly id: string;
	/** ISO 8601. */
	readonly createdAt: string;
	readonly config: RunConfig;
	readonly origin: RunOrigin;
	readonly status: 'unfinished' | 'finished';
	/** Milliseconds during which the run was really running, over all its sessions. */
	readonly activeMilliseconds: number;
}

/**
 * Where runs live. Every method rejects with a `StoreError` whose message says what failed and what to do
 * (quota, blocked database, damaged file); what was stored before stays readable.
 */
export interface RunStore {
	/** `pack` is the JSON text of the environment pack; it is kept once for each hash. */
	create(record: RunRecord, pack: string): Promise<void>;
	get(id: string): Promise<RunRecord | undefined>;
	/** Newest first. */
	list(): Promise<RunRecord[]>;
	update(id: string, change: Partial<Pick<RunRecord, 'status' | 'activeMilliseconds'>>): Promise<void>;
	/** Removes the run, its events and, if no other run uses it, its pack. */
	delete(id: string): Promise<void>;
	/** Durable when it resolves. Appending the event (scenario, n) again with the same content changes nothing. */
	append(id: string, events: readonly ScenarioEvent[]): Promise<void>;
	/** All events, ordered by scenario as in the configuration, then by n. */
	events(id: string): Promise<ScenarioEvent[]>;
	pack(hash: string): Promise<string | undefined>;
}

export class StoreError extends Error {
	override readonly name = 'StoreError';
}
