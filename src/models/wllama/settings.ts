export interface WllamaSettings {
	/**
	 * How the model is told of its tools, and writes calls. `native`: in the form of its own chat template. `hermes`: as JSON schemas in the
	 * system message, calls as `<tool_call>` text. `compact`: the same with names and parameters only. `auto`: `native` where the template
	 * takes tools without loss, else `hermes`. `schema` is what runs from before call `hermes`.
	 */
	readonly tools: 'auto' | 'native' | 'hermes' | 'compact' | 'schema';
	/** Tokens that prompt and reply share. By default what the model was trained for, 4096 at most. */
	readonly contextTokens?: number;
	/**
	 * 1 by default. More help large models, need cross-origin isolation, and may cost reproducibility. One processor
	 * core is always left free: with none, threads that wait for each other were thirty times slower.
	 */
	readonly threads?: number;
	/** How keys and values are held; f16 halves the memory of a long context. By default f32, on a GPU f16. */
	readonly cacheType?: 'f32' | 'f16';
	/** `gpu` computes on WebGPU, which needs an adapter with `shader-f16`. `cpu` by default. */
	readonly device?: 'cpu' | 'gpu';
	/** Requests that one engine answers at once, in one batch; pays on a GPU. 1 by default. Each has `contextTokens` to itself. */
	readonly slots?: number;
}

export interface WllamaSource {
	/** One GGUF file, its parts in order, or an address on the own origin. */
	readonly model: readonly Blob[] | string;
	/** The hash of `model`, where it is known: to make it again takes seconds for each gigabyte. */
	readonly hash?: string;
	/** A LoRA adapter. */
	readonly adapter?: { readonly file: Blob; readonly hash: string; readonly scale: number };
	readonly settings: WllamaSettings;
	/** Milliseconds; by default a minute and a second more for each 20 MB. */
	readonly loadTimeout?: number;
	/**
	 * Bytes that saved prompts may fill before the engine starts afresh, should nobody have replaced it before. 1 GiB by
	 * default.
	 */
	readonly savedPromptBytes?: number;
}
