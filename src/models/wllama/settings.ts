export interface WllamaSettings {
	/** How the model is told of its tools: names and parameters only, or whole JSON schemas. */
	readonly tools: 'compact' | 'schema';
	/** Tokens that prompt and reply share. By default what the model was trained for, 4096 at most. */
	readonly contextTokens?: number;
	/**
	 * 1 by default. More help large models, need cross-origin isolation, and may cost reproducibility. One processor
	 * core is always left free: with none, threads that wait for each other were thirty times slower.
	 */
	readonly threads?: number;
	/** How keys and values are held; f16 halves the memory of a long context. f32 by default. */
	readonly cacheType?: 'f32' | 'f16';
}

export interface WllamaSource {
	/** One GGUF file, its parts in order, or an address on the own origin. */
	readonly model: readonly Blob[] | string;
	readonly settings: WllamaSettings;
	/** Milliseconds; by default a minute and a second more for each 20 MB. */
	readonly loadTimeout?: number;
	/**
	 * Bytes that saved prompts may fill before the engine starts afresh, should nobody have replaced it before. 1 GiB by
	 * default.
	 */
	readonly savedPromptBytes?: number;
}
