import type { GenerateRequest, Generation, LoadProgress, ModelIdentity } from './language-model.ts';

export interface EngineAnswer {
	readonly generation: Generation;
	/** As `LanguageModel.memory`. */
	readonly memory?: number;
}

/**
 * What a worker with a model in it exposes through comlink. There are thousands of requests, so they are
 * numbered and aborted by number. Errors arrive with their `name` and message.
 */
export interface EngineService<Source> {
	/** Once, before anything else. */
	load(source: Source, onProgress?: (progress: LoadProgress) => void): Promise<ModelIdentity>;
	generate(id: number, request: GenerateRequest, onText?: (text: string) => void): Promise<EngineAnswer>;
	/** Does nothing if the request is unknown or over. */
	abort(id: number): void;
	dispose(): Promise<void>;
}
