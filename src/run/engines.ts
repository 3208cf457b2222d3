import type { LanguageModel, ModelIdentity } from '../models/language-model.ts';

/** Starts engines. What they are is known once one has been loaded, which then waits to be used. */
export class Engines {
	readonly #spawn: () => Promise<LanguageModel>;
	#waiting: Promise<LanguageModel> | undefined;
	#identity: ModelIdentity | undefined;

	constructor(spawn: () => Promise<LanguageModel>) {
		this.#spawn = spawn;
	}

	/** What was loaded last; `undefined` before. */
	get known(): ModelIdentity | undefined {
		return this.#identity;
	}

	/** @throws {ModelLoadError} */
	async identity(): Promise<ModelIdentity> {
		if (this.#identity) return this.#identity;
		this.#waiting ??= this.#start();
		return (await this.#waiting).identity;
	}

	/** An engine of the caller's own. */
	readonly take = (): Promise<LanguageModel> => {
		const engine = this.#waiting ?? this.#start();
		this.#waiting = undefined;
		return engine;
	};

	async #start(): Promise<LanguageModel> {
		try {
			const engine = await this.#spawn();
			this.#identity = engine.identity;
			return engine;
		} catch (error) {
			this.#waiting = undefined;
			throw error;
		}
	}
}
