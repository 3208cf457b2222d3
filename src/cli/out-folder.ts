import { searchId, type SearchId } from '../search/run.ts';
import type { RunRecord, RunStore, ScenarioEvent } from '../store/run-store.ts';
import { openRunFolder, writeFiles, type DownloadedFile } from './run-folder.ts';

/**
 * The folder of one run: its events as they happen, and in the end its results. Events are written behind the run's back
 * (`append` does not wait); `complete` waits for all of them.
 */
export class OutFolder {
	readonly path: string;
	readonly #store: RunStore;
	readonly #known = new Map<string, { readonly id: SearchId; readonly numbers: Set<number> }>();
	readonly #failure = new AbortController();
	#record: RunRecord | undefined;
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
		for (const event of await folder.events()) folder.#learn(event);
		return folder;
	}

	get record(): RunRecord | undefined {
		return this.#record;
	}

	/** Finished steps that are here. */
	get steps(): number {
		let steps = 0;
		for (const { numbers } of this.#known.values()) steps += numbers.size;
		return steps;
	}

	/** Searches that have steps. */
	get begun(): Iterable<SearchId> {
		return [...this.#known.values()].map(({ id }) => id);
	}

	/** Aborted when writing failed, e.g. on a full disk; `complete` says why. */
	get failed(): AbortSignal {
		return this.#failure.signal;
	}

	/** @param pack JSON text of the environment pack */
	async begin(record: RunRecord, pack: string): Promise<void> {
		await this.#store.create(record, pack);
		this.#record = record;
	}

	async events(): Promise<ScenarioEvent[]> {
		await this.#writing;
		return this.#record === undefined ? [] : [...(await this.#store.events(this.#record.id)).events];
	}

	/** JSON text of the run's environment pack; `undefined` before it has begun. */
	async pack(): Promise<string | undefined> {
		return this.#record && this.#store.pack(this.#record.origin.pack.hash);
	}

	/** Where the run's events and pack are. */
	get store(): RunStore {
		return this.#store;
	}

	append(event: ScenarioEvent): void {
		if (!this.#learn(event)) return;
		this.#waiting.push(event);
		this.#writing ??= this.#write();
	}

	/** Remembers for how long the run has been running, all sessions together. */
	async ran(activeMilliseconds: number): Promise<void> {
		if (this.#record === undefined || activeMilliseconds <= this.#record.activeMilliseconds) return;
		this.#record = { ...this.#record, activeMilliseconds };
		await this.#store.update(this.#record.id, { activeMilliseconds });
	}

	/** Adds what is missing of `events`, and how far the run has got. */
	async complete(record: RunRecord, events: readonly ScenarioEvent[]): Promise<void> {
		for (const event of events) this.append(event);
		await this.#writing;
		if (this.failed.aborted) {
			const reason: unknown = this.failed.reason;
			throw new Error(
				`${this.path} cannot be written any more: ${reason instanceof Error ? reason.message : String(reason)}`
			);
		}
		const { status, activeMilliseconds } = record;
		await this.#store.update(record.id, { status, activeMilliseconds });
		this.#record = record;
	}

	/** Each file takes its place whole or not at all. */
	async write(files: readonly DownloadedFile[]): Promise<void> {
		await writeFiles(this.path, files);
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

	/** False if it was known. */
	#learn({ scenario, trial, event: { n } }: ScenarioEvent): boolean {
		const id = searchId(scenario, trial);
		const key = JSON.stringify(id);
		const known = this.#known.get(key) ?? { id, numbers: new Set() };
		this.#known.set(key, known);
		if (known.numbers.has(n)) return false;
		known.numbers.add(n);
		return true;
	}
}
