import { loadEnvironment } from '../environment/pack-environment.ts';
import type { Environment } from '../environment/environment.ts';
import type { HarvestSummary } from '../run/dataset-service.ts';
import { Figures } from '../run/figures.ts';
import type { RunProgress, SearchRow } from '../run/run-service.ts';
import type { RunSnapshot } from '../run/stored-searches.ts';
import { searchId, searchKey, type SearchId } from '../search/run.ts';
import { StoreError, type RunRecord, type RunStore, type ScenarioEvent } from '../store/run-store.ts';
import { writePlainFiles } from './plain-files.ts';
import { begunIn, openRunFolder, standingIn } from './run-folder.ts';

/** What of a run is still to be done. */
export interface RestOfRun {
	/** The run with those of its scenarios that have not ended. */
	readonly record: RunRecord;
	/** Of these scenarios. */
	readonly events: readonly ScenarioEvent[];
	/** How far all the others have got. */
	readonly before: RunProgress;
}

/**
 * The folder of one run: its events as they happen, and in the end its results. Events are written behind the run's back
 * (`append` does not wait); `complete` waits for all of them.
 */
export class OutFolder {
	readonly path: string;
	readonly #store: RunStore;
	/** By search, the numbers of its events that are here. */
	readonly #known = new Map<string, Set<number>>();
	/** By search, how many events it has that has ended; these are all here, and no more come. */
	readonly #ended = new Map<string, number>();
	#begun: SearchId[] = [];
	readonly #failure = new AbortController();
	#record: RunRecord | undefined;
	#environment: Environment | undefined;
	#snapshot: RunSnapshot | undefined;
	#steps = 0;
	#waiting: ScenarioEvent[] = [];
	#writing: Promise<void> | undefined;

	private constructor(path: string, store: RunStore, record: RunRecord | undefined) {
		this.path = path;
		this.#store = store;
		this.#record = record;
	}

	/** @throws {UsageError} if it cannot be written, is in use, or holds something other than a run */
	static async open(path: string): Promise<OutFolder> {
		const { store, record } = await openRunFolder(path);
		const folder = new OutFolder(path, store, record);
		if (record) await folder.#look(record);
		return folder;
	}

	get record(): RunRecord | undefined {
		return this.#record;
	}

	/** Finished steps that are here. */
	get steps(): number {
		return this.#steps;
	}

	/** Searches that have steps. */
	get begun(): Iterable<SearchId> {
		return this.#begun;
	}

	/** Aborted when writing failed, e.g. on a full disk; `complete` says why. */
	get failed(): AbortSignal {
		return this.#failure.signal;
	}

	/** Where the run's events and pack are. */
	get store(): RunStore {
		return this.#store;
	}

	/** @param pack JSON text of the environment pack */
	async begin(record: RunRecord, pack: string): Promise<void> {
		await this.#store.create(record, pack);
		await this.#look(record);
	}

	/** JSON text of the run's environment pack; `undefined` before it has begun. */
	async pack(): Promise<string | undefined> {
		return this.#record && this.#store.pack(this.#record.origin.pack.hash);
	}

	/** What is to be done; `undefined` if all searches have ended. */
	async rest(): Promise<RestOfRun | undefined> {
		await this.flush();
		const record = this.#record!;
		await this.#look(record);
		const { open, ended } = this.#snapshot!;
		const isOpen = new Set(open.map(({ scenario }) => scenario.id));
		const scenarios = record.config.scenarios.filter((id) => isOpen.has(id));
		if (scenarios.length === 0) return undefined;
		const { trials = 1 } = record.config;
		const before = new Figures((record.config.scenarios.length - scenarios.length) * trials);
		for (const { scenario, summary } of ended) if (!isOpen.has(scenario)) before.ended(summary);
		const events: ScenarioEvent[] = [];
		for (const id of new Set(this.#begun.map(({ scenario }) => scenario)))
			if (isOpen.has(id)) events.push(...(await this.#store.events(record.id, id)).events);
		return {
			record: { ...record, config: { ...record.config, scenarios } },
			events,
			before: before.progress({ tokensPerSecond: 0, activeMilliseconds: record.activeMilliseconds }, 0)
		};
	}

	append(event: ScenarioEvent): void {
		// What came after a step that could not be written would stand behind a gap.
		if (this.failed.aborted || !this.#learn(event)) return;
		this.#waiting.push(event);
		this.#writing ??= this.#write();
	}

	/** Waits until all that was appended is on the disk. @throws {Error} if it cannot be written */
	async flush(): Promise<void> {
		await this.#writing;
		if (!this.failed.aborted) return;
		const reason: unknown = this.failed.reason;
		throw new Error(
			`${this.path} cannot be written any more: ${reason instanceof Error ? reason.message : String(reason)}`
		);
	}

	/**
	 * Remembers for how long the run has been running, all sessions together, and what was told of it.
	 * @param warnings in how many replies is not known here: at least one
	 */
	async ran(activeMilliseconds: number, warnings: Iterable<string>): Promise<void> {
		if (!this.#record) return;
		const told = { ...Object.fromEntries(Array.from(warnings, (one) => [one, 1])), ...this.#record.warnings };
		const change = {
			activeMilliseconds: Math.max(activeMilliseconds, this.#record.activeMilliseconds),
			...(Object.keys(told).length > 0 && { warnings: told })
		};
		this.#record = { ...this.#record, ...change };
		await this.#store.update(this.#record.id, change);
	}

	/** Whether events of a search elsewhere may be missing here. */
	lacks(row: SearchRow): boolean {
		if (row.standing === 'waiting') return false;
		return row.events === undefined || row.events > this.#count(row);
	}

	/** Waits for all events, and notes how far the run has got. @param ran the run, or the rest of it, where it was running */
	async complete({ status, activeMilliseconds, warnings }: RunRecord): Promise<RunRecord> {
		await this.flush();
		const change = { activeMilliseconds, ...(warnings && { warnings }) };
		await this.#store.update(this.#record!.id, change);
		await this.#look({ ...this.#record!, ...change });
		const { open, damaged } = this.#snapshot!;
		if (status === 'finished' && open.length + damaged.size > 0)
			throw new Error(
				`${this.path} lacks steps of ${open.length + damaged.size} scenarios that were searched to their end. Run the same command again.`
			);
		this.#record = { ...this.#record!, status };
		await this.#store.update(this.#record.id, { status });
		return this.#record;
	}

	/** Writes the dataset files of what is here so far; each takes its place whole or not at all. */
	async writeResults(): Promise<HarvestSummary> {
		const pack = await this.pack();
		return writePlainFiles({
			path: this.path,
			store: this.#store,
			record: this.#record!,
			pack: pack!,
			environment: this.#environment!
		});
	}

	/** Finds out where the run stands, and summarizes what has ended. */
	async #look(record: RunRecord): Promise<void> {
		this.#record = record;
		if (!this.#environment) {
			const pack = await this.pack();
			if (pack === undefined)
				throw new StoreError(
					`${this.path} lacks its environment pack ${record.origin.pack.hash}. Restore it from a copy, or choose another --out.`
				);
			this.#environment = await loadEnvironment(pack, 'stored');
		}
		const snapshot = await standingIn(this.#store, record, this.#environment);
		this.#snapshot = snapshot;
		this.#begun = begunIn(snapshot);
		this.#known.clear();
		this.#ended.clear();
		this.#steps = snapshot.figures.events;
		for (const search of snapshot.ended) this.#ended.set(searchKey(search), search.summary.events);
		for (const { scenario, trial, history } of snapshot.open)
			if (history.length > 0)
				this.#known.set(searchKey(searchId(scenario.id, trial)), new Set(history.map(({ n }) => n)));
	}

	async #write(): Promise<void> {
		try {
			while (this.#waiting.length > 0) {
				const batch = this.#waiting;
				this.#waiting = [];
				await this.#store.append(this.#record!.id, batch);
			}
		} catch (error) {
			this.#failure.abort(error);
		} finally {
			this.#writing = undefined;
		}
	}

	#count(id: SearchId): number {
		const key = searchKey(id);
		return this.#ended.get(key) ?? this.#known.get(key)?.size ?? 0;
	}

	/** False if it was known. */
	#learn({ scenario, trial, event: { n } }: ScenarioEvent): boolean {
		const id = searchId(scenario, trial);
		const key = searchKey(id);
		if (this.#ended.has(key)) return false;
		let known = this.#known.get(key);
		if (!known) {
			this.#known.set(key, (known = new Set()));
			this.#begun.push(id);
		}
		if (known.has(n)) return false;
		known.add(n);
		this.#steps++;
		return true;
	}
}
