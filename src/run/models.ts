import type { LanguageModel, ModelIdentity } from '../models/language-model.ts';
import { ModelPool } from '../models/pool.ts';
import { Engines } from './engines.ts';

export interface RoleModels<Model> {
	readonly agent: Model;
	readonly user: Model;
}

/** Models at work for a run. */
export interface StartedModels extends RoleModels<LanguageModel> {
	/** How many searches side by side keep them busy. Changes the speed, not the trees. */
	readonly searches: number;
	dispose(): Promise<void>;
}

export interface RunModelsParts {
	/** Makes one engine; it answers one request at a time, unless `shared`. */
	readonly spawn: () => Promise<LanguageModel>;
	/** The user simulator's, if that is another model. */
	readonly spawnUser?: (() => Promise<LanguageModel>) | undefined;
	/** One engine answers any number of requests, as a server does: there is one of it, and no pool. */
	readonly shared?: boolean | undefined;
}

/** Each worker has one search at home and the next to go on with while that one thinks. */
const searchesPerWorker = 2;

/** The models of runs: one in both roles, or one for each. */
export class RunModels {
	readonly #agent: Engines;
	readonly #user: Engines;
	readonly #shared: boolean;

	constructor({ spawn, spawnUser, shared = false }: RunModelsParts) {
		this.#agent = new Engines(spawn);
		this.#user = spawnUser ? new Engines(spawnUser) : this.#agent;
		this.#shared = shared;
	}

	/** What was loaded last; `undefined` before. */
	get known(): RoleModels<ModelIdentity> | undefined {
		const [agent, user] = [this.#agent.known, this.#user.known];
		return agent && user && { agent, user };
	}

	/** @throws {ModelLoadError} */
	async identities(): Promise<RoleModels<ModelIdentity>> {
		return { agent: await this.#agent.identity(), user: await this.#user.identity() };
	}

	/**
	 * @param workers engines side by side for each model, unless one is enough
	 * @throws {ModelLoadError}
	 */
	async start(workers: number): Promise<StartedModels> {
		const agent = await this.#startOne(this.#agent, workers);
		try {
			const user = this.#user === this.#agent ? agent : await this.#startOne(this.#user, workers);
			const all = new Set([agent, user]);
			const dispose = async () => void (await Promise.all([...all].map((model) => model.dispose())));
			return { agent, user, searches: this.#shared ? workers : searchesPerWorker * workers, dispose };
		} catch (error) {
			await agent.dispose();
			throw error;
		}
	}

	#startOne(engines: Engines, workers: number): Promise<LanguageModel> {
		return this.#shared ? engines.take() : ModelPool.start({ spawn: engines.take, size: workers });
	}
}
