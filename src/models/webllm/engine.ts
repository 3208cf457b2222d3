import type { JsonObject } from '../../base/json.ts';
import type { PlainMessage } from '../../dialogue/message.ts';

/** What this folder needs of web-llm, and no more, so that tests can put a fake in its place. */
export interface Library {
	/** The models that web-llm brings a library for. */
	readonly models: readonly ModelRecord[];
	createEngine(record: ModelRecord, onProgress: (report: ProgressReport) => void): Engine;
	/** Whether all weights lie in the browser's cache. */
	isCached(record: ModelRecord): Promise<boolean>;
	/** Takes weights, tokenizer, settings and library out of the browser's cache. */
	deleteFromCache(record: ModelRecord): Promise<void>;
}

/** One entry of web-llm's list, in its own words. */
export interface ModelRecord {
	readonly model: string;
	readonly model_id: string;
	readonly model_lib: string;
	readonly overrides?: { readonly context_window_size?: number };
	readonly vram_required_MB?: number;
	readonly low_resource_required?: boolean;
	readonly required_features?: readonly string[];
	/** 0 or none: text; 1: embeddings; 2: text and images. */
	readonly model_type?: number;
	readonly model_manifest?: string;
}

export interface ProgressReport {
	/** 0 to 1; runs once for downloading and once more for loading. */
	readonly progress: number;
	readonly text: string;
}

/** One engine with at most one model in it. It answers one request at a time and keeps others waiting. */
export interface Engine {
	/** Resolves without a model when `unload` is called meanwhile. */
	reload(options: LoadedOptions): Promise<void>;
	unload(): Promise<void>;
	/** Forgets the conversation and empties the key-value cache. */
	resetChat(): Promise<void>;
	/** Ends the reply under way before its next token; does nothing before its first. */
	interrupt(): Promise<void>;
	create(body: ChatBody): Promise<AsyncIterable<ChatChunk>>;
	/** What lies below the engine and is private there; `undefined` when no model is loaded. */
	pipeline(): Pipeline | undefined;
}

/** What replaces the values of the model's own `mlc-chat-config.json`. -1 is off. */
export interface LoadedOptions {
	readonly context_window_size: number;
	readonly sliding_window_size: -1;
	readonly attention_sink_size: -1;
}

/** A request in web-llm's words, every value stated. */
export interface ChatBody {
	readonly messages: readonly PlainMessage[];
	readonly stream: true;
	readonly stream_options: { readonly include_usage: true };
	readonly n: 1;
	readonly temperature: number;
	readonly top_p: number;
	readonly max_tokens: number;
	readonly seed: number;
	readonly frequency_penalty: 0;
	readonly presence_penalty: 0;
	readonly repetition_penalty: 1;
	readonly ignore_eos: false;
	readonly logprobs: false;
	readonly response_format?: ResponseFormat;
	readonly extra_body?: { readonly enable_thinking: false };
}

export type ResponseFormat =
	| { readonly type: 'grammar'; readonly grammar: string }
	| { readonly type: 'json_object'; readonly schema: string }
	| { readonly type: 'structural_tag'; readonly structural_tag: string };

export interface ChatChunk {
	readonly choices: readonly {
		readonly delta: { readonly content?: string | null };
		readonly finish_reason?: 'stop' | 'length' | 'tool_calls' | 'abort' | null;
	}[];
	readonly usage?: ChatUsage;
}

export interface ChatUsage {
	/** Tokens that this request had computed, not those of the prompt that the cache held. */
	readonly prompt_tokens: number;
	/** Tokens drawn, the one that ended the reply included. */
	readonly completion_tokens: number;
	readonly extra: {
		/** Seconds. */
		readonly e2e_latency_s: number;
		/** Seconds. */
		readonly time_to_first_token_s: number;
	};
}

/** The part of web-llm's `Conversation` that says how messages become text. */
export interface Conversation {
	messages: (readonly unknown[])[];
	readonly config: {
		readonly role_templates?: JsonObject;
		readonly roles?: JsonObject;
		/** Between the name of the role that is to answer and its reply. */
		readonly role_empty_sep?: string;
	};
}

/** The part of web-llm's `LLMChatPipeline` that is looked into. Private there, so every use is behind a test. */
export interface Pipeline {
	/** Tokens in the key-value cache. */
	filledKVCacheLength: number;
	/** Why the latest reply ended; a conversation that did not end with `stop` is never gone on with. */
	finishReason?: string | undefined;
	/** Set for models that come with a manifest. */
	readonly artifact?: unknown;
	/** Set for models whose state is not a key-value cache alone. */
	readonly rnnState?: unknown;
	readonly slidingWindowSize: number;
	readonly contextWindowSize: number;
	readonly prefillChunkSize: number;
	kvCache: { dispose(): void } | undefined;
	readonly tvm: Tvm;
	readonly vm: { getFunction(name: string): TvmFunction };
	getConversationObject(): Conversation;
	setConversation(conversation: Conversation): void;
	resetChat(): void;
	resetKVCache(): void;
	/** Puts tokens after those in the cache and draws one with the model's own settings. */
	forwardTokensAndSample(tokens: number[], isPrefill: boolean): Promise<number>;
}

/** A function of the compiled library or its runtime. */
export type TvmFunction = (...values: unknown[]) => unknown;

/** The part of TVM's runtime that is used. What is made in a scope is freed at its end unless detached. */
export interface Tvm {
	beginScope(): void;
	endScope(): void;
	detachFromCurrentScope<T>(value: T): T;
	getGlobalFunc(name: string): TvmFunction;
	scalar(value: number, type: 'int64'): unknown;
	makeShapeTuple(shape: number[]): unknown;
	setSeed(seed: number): void;
}
