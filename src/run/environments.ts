import type { Environment } from '../environment/environment.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import { StoreError, type RunRecord, type RunStore } from '../store/run-store.ts';

/** An environment and the JSON text of its pack. */
export interface PackedEnvironment {
	readonly environment: Environment;
	readonly pack: string;
}

/** How many are kept in memory: a run is looked at many times, and a pack may be large. */
const keptEnvironments = 3;

/** The environments that new runs may use, and those that stored runs were made with; several side by side. */
export class Environments {
	readonly #store: RunStore;
	readonly #fetchPack: () => Promise<string>;
	#usual: Promise<PackedEnvironment> | undefined;
	/** Those of stored runs by hash, the one that was asked for last at the end. */
	readonly #stored = new Map<string, Environment>();

	/** @param fetchPack gives the JSON text of the pack for new runs that name none */
	constructor(store: RunStore, fetchPack: () => Promise<string>) {
		this.#store = store;
		this.#fetchPack = fetchPack;
	}

	/**
	 * For new runs.
	 * @param pack JSON text; the usual one by default
	 * @throws {PackError} and what fetching throws; the next call tries again
	 */
	forNew(pack?: string): Promise<PackedEnvironment> {
		if (pack !== undefined) return packed(pack);
		this.#usual ??= this.#fetchPack()
			.then(packed)
			.catch((error: unknown) => {
				this.#usual = undefined;
				throw error;
			});
		return this.#usual;
	}

	/** The one that a run was made with, from the pack that is stored with it. */
	async of({ id, origin }: RunRecord): Promise<Environment> {
		const { hash } = origin.pack;
		let environment = this.#stored.get(hash);
		if (!environment) {
			const pack = await this.pack(hash);
			if (pack === undefined)
				throw new StoreError(`The environment pack of run ${id} is missing. Delete this run.`);
			environment = await loadEnvironment(pack, 'stored');
		}
		this.#stored.delete(hash);
		this.#stored.set(hash, environment);
		for (const old of [...this.#stored.keys()].slice(0, -keptEnvironments)) this.#stored.delete(old);
		return environment;
	}

	/** JSON text of a pack that is known here. */
	async pack(hash: string): Promise<string | undefined> {
		const stored = await this.#store.pack(hash);
		if (stored !== undefined) return stored;
		const { environment, pack } = await this.forNew();
		return environment.hash === hash ? pack : undefined;
	}
}

async function packed(pack: string): Promise<PackedEnvironment> {
	return { environment: await loadEnvironment(pack), pack };
}
