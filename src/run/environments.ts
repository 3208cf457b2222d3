import type { Environment } from '../environment/environment.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import { usualPack } from '../environment/shipped.ts';
import { StoreError, type RunRecord, type RunStore } from '../store/run-store.ts';
import type { EnvironmentChoice } from './run-service.ts';

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
	readonly #fetchPack: (name: string) => Promise<string>;
	/** Of those that new runs are offered; the first one is for runs that name none. */
	readonly names: readonly string[];
	readonly #offered = new Map<string, Promise<PackedEnvironment>>();
	/** Those of stored runs by hash, the one that was asked for last at the end. */
	readonly #stored = new Map<string, Environment>();

	/** @param fetchPack gives the JSON text of the pack of that name */
	constructor(
		store: RunStore,
		fetchPack: (name: string) => Promise<string>,
		names: readonly string[] = [usualPack]
	) {
		this.names = names;
		this.#store = store;
		this.#fetchPack = fetchPack;
	}

	/**
	 * For new runs.
	 * @throws {PackError}, {StoreError} for a name that is not offered, and what fetching throws; the next call tries again
	 */
	async forNew(choice: EnvironmentChoice = { name: this.names[0]! }): Promise<PackedEnvironment> {
		if ('pack' in choice) return packed(choice.pack);
		const { name } = choice;
		if (!this.names.includes(name))
			throw new StoreError(`There is no environment "${name}" here; choose one of ${this.names.join(', ')}.`);
		const offered = this.#offered.get(name) ?? this.#fetchPack(name).then(packed);
		this.#offered.set(name, offered);
		return offered.catch((error: unknown) => {
			this.#offered.delete(name);
			throw error;
		});
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
		for (const name of this.names) {
			const { environment, pack } = await this.forNew({ name });
			if (environment.hash === hash) return pack;
		}
		return undefined;
	}
}

async function packed(pack: string): Promise<PackedEnvironment> {
	return { environment: await loadEnvironment(pack), pack };
}
