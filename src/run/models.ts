import { canonicalJson, type Json } from '../base/json.ts';
import type { LanguageModel, LoadProgress, ModelIdentity } from '../models/language-model.ts';
import { ModelPool } from '../models/pool.ts';
import { serverAddress } from '../models/server/address.ts';
import { Slots } from '../models/slots.ts';
import type { ModelSource, RoleModels, SpawnModel, SpawnOptions } from '../models/source.ts';
import { Engines } from './engines.ts';

/** Models at work for a run. */
export interface StartedModels extends RoleModels<LanguageModel> {
	/** How many searches side by side keep them busy. Changes the speed, not the trees. */
	readonly searches: number;
	/**
	 * How many plain conversations side by side: one for each that a model answers at once. A second would push the first out of the
	 * cache, and there are no steps to wait for.
	 */
	readonly conversations: number;
	dispose(): Promise<void>;
}

/** How far the loading of a run's models has come. */
export interface ModelProgress extends LoadProgress {
	/** Whose model it is; of a model in both roles, the agent's. */
	readonly role: 'agent' | 'user';
}

export interface LoadRolesOptions {
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: ModelProgress) => void;
}

/** Each worker has one search at home and the next to go on with while that one thinks. */
const searchesPerWorker = 2;

/** The models of runs: one in both roles, or one for each. */
export class RunModels {
	readonly #spawn: SpawnModel;
	/** By source. */
	readonly #engines = new Map<string, { readonly source: ModelSource; readonly engines: Engines }>();
	/** By address. */
	readonly #keys = new Map<string, string>();

	constructor(spawn: SpawnModel) {
		this.#spawn = spawn;
	}

	/**
	 * Says with which key to ask a server; kept in memory only.
	 * @throws {ModelLoadError} if the address cannot be one
	 */
	useKey(address: string, key: string | undefined): void {
		const { href } = serverAddress(address);
		if (key === undefined || key === '') this.#keys.delete(href);
		else this.#keys.set(href, key);
		this.#forgetServers((address) => serverAddress(address).href === href);
	}

	/** What was loaded last from these; `undefined` before. */
	known(sources: RoleModels<ModelSource>): RoleModels<ModelIdentity> | undefined {
		const [agent, user] = [this.#of(sources.agent).known, this.#of(sources.user).known];
		return agent && user && { agent, user };
	}

	/**
	 * Loads what has not been loaded yet; an engine of each then waits to be used.
	 * @throws {ModelLoadError}
	 * @throws an `AbortError` after `signal` aborts
	 */
	async identities(
		sources: RoleModels<ModelSource>,
		options: LoadRolesOptions = {}
	): Promise<RoleModels<ModelIdentity>> {
		const [agent, user] = this.#ofRoles(sources);
		return {
			agent: await agent.identity(optionsOf('agent', options)),
			user: await user.identity(optionsOf('user', options))
		};
	}

	/**
	 * @param workers engines side by side for each model, where there can be more than one
	 * @throws {ModelLoadError}
	 */
	async start(
		sources: RoleModels<ModelSource>,
		workers: number,
		options: LoadRolesOptions = {}
	): Promise<StartedModels> {
		const [agents, users] = this.#ofRoles(sources);
		const agent = await startOne(agents, sources.agent, workers, optionsOf('agent', options));
		try {
			const user =
				users === agents ? agent : await startOne(users, sources.user, workers, optionsOf('user', options));
			const all = new Set([agent, user]);
			const dispose = async () => void (await Promise.all([...all].map((model) => model.dispose())));
			const places = [sources.agent, sources.user].map((source) => placesFor(source, workers));
			const conversations = Math.min(...places);
			return { agent, user, searches: searchesFor(sources, workers), conversations, dispose };
		} catch (error) {
			await agent.dispose();
			throw error;
		}
	}

	/** A server may have changed since it was asked last: forgets what it said. */
	askAgain({ agent, user }: RoleModels<ModelSource>): void {
		const named = [agent, user].flatMap((source) => (source.engine === 'server' ? [source.address] : []));
		this.#forgetServers((address) => named.includes(address));
	}

	#forgetServers(isMeant: (address: string) => boolean): void {
		for (const [key, { source, engines }] of this.#engines) {
			if (source.engine !== 'server' || !isMeant(source.address)) continue;
			engines.release();
			this.#engines.delete(key);
		}
	}

	#ofRoles({ agent, user }: RoleModels<ModelSource>): [Engines, Engines] {
		const wanted: [Engines, Engines] = [this.#of(agent), this.#of(user)];
		// A large model that waits for a run that will not come would take the memory of the next one.
		for (const { engines } of this.#engines.values()) if (!wanted.includes(engines)) engines.release();
		return wanted;
	}

	#of(source: ModelSource): Engines {
		const key = canonicalJson(source as unknown as Json);
		let known = this.#engines.get(key);
		if (!known) {
			const engines = new Engines((options) => this.#spawn(source, { ...options, ...this.#keyOf(source) }));
			known = { source, engines };
			this.#engines.set(key, known);
		}
		return known.engines;
	}

	#keyOf(source: ModelSource): Pick<SpawnOptions, 'key'> {
		const key = source.engine === 'server' ? this.#keys.get(serverAddress(source.address).href) : undefined;
		return key === undefined ? {} : { key };
	}
}

function optionsOf(role: 'agent' | 'user', { signal, onProgress }: LoadRolesOptions): SpawnOptions {
	return {
		...(signal && { signal }),
		...(onProgress && { onProgress: (progress) => onProgress({ ...progress, role }) })
	};
}

/** Milliseconds. A model of the user's own may read a long prompt for many minutes on a slow processor before it writes a word. */
const fileStallTimeout = 3_600_000;

/** A server answers any number of requests by itself; everything else is behind a pool. */
function startOne(
	engines: Engines,
	source: ModelSource,
	workers: number,
	options: SpawnOptions
): Promise<LanguageModel> {
	if (source.engine === 'server') return engines.take(options);
	const take = () => engines.take(options);
	const slots = slotsOf(source);
	const shared = slots > 1 ? new Slots(take, slots) : undefined;
	return ModelPool.start({
		spawn: shared ? () => shared.spawn() : take,
		size: placesFor(source, workers),
		...(source.engine === 'wllama' && { stallTimeout: fileStallTimeout })
	});
}

/** Requests that one engine answers at once. */
function slotsOf(source: ModelSource): number {
	return source.engine === 'wllama' ? (source.settings.slots ?? 1) : 1;
}

/** How many requests a model's engines answer at once, where `workers` engines of one thread can run side by side. */
function placesFor(source: ModelSource, workers: number): number {
	// A graphics device would hold a second engine's weights a second time.
	if (source.engine === 'webllm') return 1;
	if (source.engine !== 'wllama') return workers;
	const { device, threads = 1 } = source.settings;
	const slots = slotsOf(source);
	if (slots > 1 || device === 'gpu') return slots;
	return Math.max(1, Math.floor(workers / threads));
}

function searchesFor(sources: RoleModels<ModelSource>, workers: number): number {
	const each = [sources.agent, sources.user].map((source) =>
		source.engine === 'server' ? workers : searchesPerWorker * placesFor(source, workers)
	);
	return Math.max(...each);
}
