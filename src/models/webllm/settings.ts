/** How a web-llm model is run. What is left out takes the default given here; a run records the values in use. */
export interface WebLlmSettings {
	/** How the model is told of its tools: names and parameters only, or whole JSON schemas. */
	readonly tools: 'compact' | 'schema';
	/** Whether a grammar keeps tool calls to the tools there are and to their schemas. `constrained` by default. */
	readonly calls?: 'constrained' | 'free';
	/** Tokens that prompt and reply share. By default what the model's list entry says, else 4096. */
	readonly contextTokens?: number;
	/**
	 * Whether earlier conversations are kept in the key-value cache, so that a branch goes on without being read again.
	 * `none` by default; `branches` takes three times the cache memory and falls back to `none` if its test fails.
	 */
	readonly parking?: Parking;
	/** Whether a Qwen3 model may think before it answers. `off` by default; other models have no such switch. */
	readonly thinking?: 'off' | 'model';
}

export type Parking = 'branches' | 'none';

/** A model in MLC's form that is not in web-llm's list. */
export interface CustomModel {
	/** The folder with `mlc-chat-config.json` and the weights; of a Hugging Face repository, its main page. */
	readonly address: string;
	/** The compiled library, a WASM file made for the pinned version of web-llm. */
	readonly library: string;
}

export interface WebLlmSource {
	/** The id of a model in web-llm's list, or one of the user's own. */
	readonly model: string | CustomModel;
	readonly settings: WebLlmSettings;
}
