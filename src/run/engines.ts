import type { LanguageModel, ModelIdentity } from '../models/language-model.ts';
import type { SpawnOptions } from '../models/source.ts';

/** Starts engines of one model. What they are is known once one has been loaded, which then waits to be used. */
export class Engines {
	readonly #spawn: (options?: SpawnOptions) => Promise<LanguageModel>;
	#waiting: Promise<LanguageModel> | undefined;
	#identity: ModelIdentity | undefined;

	constructor(spawn: (options?: SpawnOptions) => Promise<LanguageModel>) {
		this.#spawn = spawn;
	}

	/** What was loaded last; `undefined` before. */
	get known(): ModelIdentity | undefined {
		return this.#identity;
	}

	/** @throws {ModelLoadError} */
	async identity(options?: SpawnOptions): Promise<ModelIdentity> {
		if (this.#identity) return this.#identity;
		this.#waiting ??= this.#start(options);
		return (await this.#waiting).identity;
	}

	/** An engine of the caller's own. */
	take(options?: SpawnOptions): Promise<LanguageModel> {
		const engine = this.#waiting ?? this.#start(options);
		this.#waiting = undefined;
		return engine;
	}

	/** Ends an engine that waits; what it is stays known. */
	release(): void {
		const waiting = this.#waiting;
		this.#waiting = undefined;
		waiting?.then((engine) => engine.dispose()).catch(() => undefined);
	}

	async #start(options?: SpawnOptions): Promise<LanguageModel> {
		try {
			const engine = await this.#spawn(options);
			this.#identity = engine.identity;
			return engine;
		} catch (error) {
			this.#waiting = undefined;
			throw error;
		}
	}
}
