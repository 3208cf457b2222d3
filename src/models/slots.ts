import {
	ModelFaultError,
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type ModelIdentity
} from './language-model.ts';
import { abortError } from '../base/abort.ts';
import { Semaphore } from '../base/semaphore.ts';

/**
 * Makes one engine that answers several requests at once look like as many workers to a pool. Its workers are places on
 * the engine there is; when that fails, it is ended and all places go on with a new one.
 *
 * Of several requests that an engine was busy with when it failed, nobody can say which it was that broke it. So each is
 * repeated alone, and only one that fails alone is reported: otherwise one bad request would use up the tries of the
 * good ones beside it.
 */
export class Slots {
	readonly #start: () => Promise<LanguageModel>;
	readonly #running: Semaphore;
	readonly #places = new Set<Place>();
	#engine: Promise<LanguageModel> | undefined;

	/**
	 * @param start loads an engine
	 * @param count how many requests it answers at once
	 */
	constructor(start: () => Promise<LanguageModel>, count: number) {
		this.#start = start;
		this.#running = new Semaphore(count);
	}

	/**
	 * A place that answers one request at a time. The engine ends with the last of them.
	 * @throws what `start` threw, usually a `ModelLoadError`
	 */
	async spawn(): Promise<LanguageModel> {
		const { identity } = await this.#current();
		const place = new Place(identity, {
			generate: (request, options) => this.#generate(request, options),
			leave: (isBusy) => this.#leave(place, isBusy)
		});
		this.#places.add(place);
		return place;
	}

	#current(): Promise<LanguageModel> {
		if (!this.#engine) {
			const engine = this.#start();
			this.#engine = engine;
			engine.catch(() => this.#forget(engine));
		}
		return this.#engine;
	}

	async #generate(request: GenerateRequest, options: GenerateOptions): Promise<Generation> {
		try {
			return await this.#attempt(1, request, options);
		} catch (error) {
			if (!isFault(error)) throw error;
			return this.#attempt(this.#running.permits, request, options);
		}
	}

	/** @param permits all of them for a request that is to be alone with the engine */
	async #attempt(permits: number, request: GenerateRequest, options: GenerateOptions): Promise<Generation> {
		const release = await this.#running.acquire(permits, options.signal);
		const current = this.#current();
		try {
			const engine = await current.catch((error: unknown) => {
				const reason = error instanceof Error ? error.message : String(error);
				throw new ModelFaultError(`The engine could not be started again: ${reason}`, { cause: error });
			});
			return await engine.generate(request, options);
		} catch (error) {
			if (isFault(error)) this.#end(current);
			throw error;
		} finally {
			release();
		}
	}

	#leave(place: Place, isBusy: boolean): void {
		this.#places.delete(place);
		// A request that gives its slot up before its end has found the engine dead.
		if (this.#engine && (isBusy || this.#places.size === 0)) this.#end(this.#engine);
	}

	#end(engine: Promise<LanguageModel>): void {
		this.#forget(engine);
		engine.then((model) => model.dispose()).catch(() => {}); // it is of no use any more
	}

	#forget(engine: Promise<LanguageModel>): void {
		if (this.#engine === engine) this.#engine = undefined;
	}
}

interface PlaceOwner {
	generate(request: GenerateRequest, options: GenerateOptions): Promise<Generation>;
	leave(isBusy: boolean): void;
}

/** It has no `memory` of its own: replacing one place would free nothing, so the engine must see to that itself. */
class Place implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly #owner: PlaceOwner;
	readonly #disposal = new AbortController();
	#running = 0;

	constructor(identity: ModelIdentity, owner: PlaceOwner) {
		this.identity = identity;
		this.#owner = owner;
	}

	async generate(request: GenerateRequest, options: GenerateOptions = {}): Promise<Generation> {
		const { signal: ended } = this.#disposal;
		if (ended.aborted) throw abortError('The model was disposed.');
		const signal = options.signal ? AbortSignal.any([options.signal, ended]) : ended;
		this.#running++;
		try {
			return await this.#owner.generate(request, { ...options, signal });
		} finally {
			this.#running--;
		}
	}

	async dispose(): Promise<void> {
		if (this.#disposal.signal.aborted) return;
		const isBusy = this.#running > 0;
		this.#disposal.abort();
		this.#owner.leave(isBusy);
	}
}

function isFault(error: unknown): error is ModelFaultError {
	return error instanceof Error && error.name === 'ModelFaultError';
}
