import type { Rating } from '../dataset/curation/curation.ts';
import type { SearchSummary } from '../harvest/search-summary.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { SearchEvent } from '../search/events.ts';
import type { SearchId } from '../search/run.ts';
import type { RunConfig, RunOrigin } from '../search/run-config.ts';

/** An event and the search it belongs to. */
export interface ScenarioEvent extends SearchId {
	readonly event: SearchEvent;
}

export interface RunRecord {
	/** Letters, digits, `-` and `_`. */
	readonly id: string;
	/** ISO 8601. */
	readonly createdAt: string;
	readonly config: RunConfig;
	readonly origin: RunOrigin;
	/** How to have its models again. What they must turn out to be, the origin says. */
	readonly sources?: RoleModels<ModelSource>;
	readonly status: 'unfinished' | 'finished';
	/** What people said of conversations, by scenario. */
	readonly ratings?: { readonly [scenario: string]: Rating };
	/**
	 * What models did otherwise than they were asked (`Generation.warnings`), and in how many replies; what the environment does otherwise
	 * than its pack says (`EnvironmentFacts.warnings`), and in how many shards.
	 */
	readonly warnings?: { readonly [warning: string]: number };
	/** Milliseconds during which the run was really running, over all its sessions. */
	readonly activeMilliseconds: number;
}

/** Which searches a run has. */
export type RunLayout = Pick<RunConfig, 'scenarios' | 'trials'>;

/** A run that is stored, and whose record cannot be read. */
export interface DamagedRun {
	readonly id: string;
	/** With the place, and what to do. */
	readonly reason: string;
}

export interface RunListing {
	/** Newest first. */
	readonly runs: readonly RunRecord[];
	readonly damaged: readonly DamagedRun[];
}

/** Events as far as they can be read: in each scenario and trial all up to the first that is damaged or missing. */
export interface StoredEvents {
	readonly events: readonly ScenarioEvent[];
	/** What cannot be read, with its place: one line of text for each piece. */
	readonly damage: readonly string[];
}

/** What is kept of a search when it has ended. It is derived from its events and can be made again of them. */
export interface EndedSearch extends SearchId {
	readonly summary: SearchSummary;
	/** All words of its conversations; see `wordsIn`. */
	readonly words: string;
}

/** A search that has ended, and what it came to. */
export interface SummarizedSearch extends SearchId {
	readonly summary: SearchSummary;
}

/** How far a run has got, without its events. */
export interface RunOverview {
	/** Ordered as `RunStore.events` are. */
	readonly ended: readonly SummarizedSearch[];
	/**
	 * Searches that have events and no summary, in the same order: they are under way, or damaged, or ended when there were no summaries or
	 * such of another version.
	 */
	readonly begun: readonly SearchId[];
	/** Damage that belongs to no scenario. */
	readonly strays: readonly string[];
}

/** What may change of a record. */
export type RunChange = Partial<
	Pick<RunRecord, 'status' | 'activeMilliseconds' | 'ratings' | 'sources' | 'warnings'>
>;

/**
 * Where runs live. Every method rejects with a `StoreError` whose message says what failed and what to do
 * (quota, blocked database, damaged file); what was stored before stays readable. A store does not look after
 * two writers of one run: the writer holds the run's lock.
 */
export interface RunStore {
	/** Why what is stored does not last, or may be lost already, and what to do; absent as long as all is well. */
	readonly problem?: string | undefined;
	/** `pack` is the JSON text of the environment pack; it is kept once for each hash. Refuses an id that is taken. */
	create(record: RunRecord, pack: string): Promise<void>;
	get(id: string): Promise<RunRecord | undefined>;
	list(): Promise<RunListing>;
	update(id: string, change: RunChange): Promise<void>;
	/** Removes the run, even if damaged, its events and, if no other run uses it, its pack. Does nothing if there is no such run. */
	delete(id: string): Promise<void>;
	/**
	 * Durable when it resolves; when it rejects, some may be stored. Appending the event (scenario, trial, n) again with the same content
	 * changes nothing, with other content it is refused.
	 * @param ended searches that end with these events, or ended before; their summaries are never there without their events
	 */
	append(id: string, events: readonly ScenarioEvent[], ended?: readonly EndedSearch[]): Promise<void>;
	/** Reads no more than summaries, and where events are. */
	overview(id: string): Promise<RunOverview>;
	/** Ended searches in whose words all of these stand, each a beginning of a word as `wordsWanted` gives it; in their order. */
	find(id: string, words: readonly string[]): Promise<readonly SearchId[]>;
	/** All events or those of one scenario, ordered by scenario as in the configuration, then by trial, then by n. */
	events(id: string, scenario?: string): Promise<StoredEvents>;
	/** Damage that belongs to no scenario: `events` of all scenarios and `overview` tell of it, too. */
	strays(id: string): Promise<readonly string[]>;
	/**
	 * Puts events of the present schema in the place of those of an older one, of all scenarios, and notes the schema in the run's origin. When it
	 * rejects, or is cut off, it can be done again.
	 */
	upgrade(id: string, eventSchema: number, events: readonly ScenarioEvent[]): Promise<void>;
	/** JSON text, as it was when the run was made. */
	pack(hash: string): Promise<string | undefined>;
}

export class StoreError extends Error {
	override readonly name = 'StoreError';
}
