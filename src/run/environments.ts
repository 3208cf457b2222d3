import type { Environment } from '../environment/environment.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import { StoreError } from '../store/run-store.ts';

/** The environment that new runs use, and those that stored runs were made with. */
export class Environments {
	readonly #store: RunStore;
	readonly #fetchPack: () => Promise<string>;
	#here: Promise<{ readonly environment: Environment; readonly pack: string }> | undefined;
	/** The last one that was read from the store: a run is looked at many times. */
	#stored: Environment | undefined;

	/** @param fetchPack gives the JSON text of the pack for new runs */
	constructor(store: RunStore, fetchPack: () => Promise<string>) {
		this.#store = store;
		this.#fetchPack = fetchPack;
	}

	/**
	 * For new runs, with its pack's JSON text.
	 * @throws {PackError} and what fetching throws; the next call tries again
	 */
	here(): Promise<{ readonly environment: Environment; readonly pack: string }> {
		this.#here ??= this.#load().catch((error: unknown) => {
			this.#here = undefined;
			throw error;
		});
		return this.#here;
	}

	/** The one that a run was made with, from the pack that is stored with it. */
	async of({ id, origin }: RunRecord): Promise<Environment> {
		const { hash } = origin.pack;
		if (this.#stored?.hash === hash) return this.#stored;
		const pack = await this.pack(hash);
		if (pack === undefined)
			throw new StoreError(`The environment pack of run ${id} is missing. Delete this run.`);
		this.#stored = await loadEnvironment(pack, 'stored');
		return this.#stored;
	}

	/** JSON text of a pack that is known here. */
	async pack(hash: string): Promise<string | undefined> {
		const stored = await this.#store.pack(hash);
		if (stored !== undefined) return stored;
		const { environment, pack } = await this.here();
		return environment.hash === hash ? pack : undefined;
	}

	async #load() {
		const pack = await this.#fetchPack();
		return { environment: await loadEnvironment(pack), pack };
	}
}
