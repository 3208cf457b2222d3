import type { JsonObject } from '../base/json.ts';
import type { AssistantMessage, Message } from '../dialogue/message.ts';
import type { ToolSpec } from '../dialogue/tool.ts';

/** How tokens are drawn. Always complete and recorded with a run, so that no engine default decides. */
export interface Sampling {
	/** 0 is greedy. */
	readonly temperature: number;
	/** 1 is off. */
	readonly topP: number;
	/** 0 is off. */
	readonly topK: number;
	/** 0 is off. */
	readonly minP: number;
	/** Tokens of one message at the most. */
	readonly maxTokens: number;
}

/** The paper draws with temperature alone; nothing is cut off unless the user says so. */
export const plainSampling: Sampling = { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens: 256 };

export interface GenerateRequest {
	readonly messages: readonly Message[];
	readonly tools: readonly ToolSpec[];
	readonly sampling: Sampling;
	/** Unsigned 32 bit. The same request with the same seed gives the same text if the model is reproducible. */
	readonly seed: number;
	/** A JSON schema or GBNF grammar that the whole reply must obey. */
	readonly constraint?: { readonly jsonSchema: JsonObject } | { readonly grammar: string };
}

export interface Usage {
	/** Tokens of the whole prompt, cached ones included. */
	readonly promptTokens: number;
	/** Those of them that needed no computing, less what an engine computed besides. Depends on what ran before, so it is never stored. */
	readonly cachedTokens: number;
	readonly completionTokens: number;
}

export interface Generation {
	/** Read from `text`; if there is a problem, all that was written but for thoughts, and no call. */
	readonly message: AssistantMessage;
	/** What the model wrote, whole. */
	readonly text: string;
	/** Why `text` is not a valid message, e.g. a tool call that is not JSON. */
	readonly problem?: string;
	readonly finishReason: 'stop' | 'length';
	readonly usage: Usage;
	/** Milliseconds. */
	readonly timing: { readonly prompt: number; readonly completion: number };
	/**
	 * What was not done as asked, or not taken of what the model sent, although the message is valid: a sentence each, the same one for
	 * the same thing. The caller reports each and counts them.
	 */
	readonly warnings?: readonly string[];
}

export interface GenerateOptions {
	readonly signal?: AbortSignal;
	/** Called with the text so far while the model writes. */
	readonly onText?: (text: string) => void;
}

/** How far the loading of a model has come. */
export interface LoadProgress {
	readonly phase: 'download' | 'load';
	/** 0 to 1, of this phase. */
	readonly fraction: number;
}

/** What an engine's `load` may be given beside its source; one that loads at once ignores it. */
export interface LoadOptions {
	/** Ends a download; what has arrived may be kept. */
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: LoadProgress) => void;
}

/** What made a model's text, for the record of a run. Two runs with equal identities may be continued by each other. */
export interface ModelIdentity {
	readonly name: string;
	/** SHA-256 of the weights, or another fixed name of them. */
	readonly hash: string;
	/** Engine and version, e.g. `wllama 3.8.1`. */
	readonly engine: string;
	readonly settings: JsonObject;
	/** Tokens that prompt and reply share. */
	readonly contextTokens: number;
	/** Same request, same seed, same text, whatever ran before. */
	readonly reproducible: boolean;
}

/** A model that answers one conversation. Implementations serialise their own requests. */
export interface LanguageModel {
	readonly identity: ModelIdentity;
	/**
	 * Bytes that its caches hold, by its own estimate, as of its latest answer. WASM never gives memory back, so a caller that keeps
	 * models replaces one in which this has grown too large. Absent if it does not know.
	 */
	readonly memory?: number | undefined;
	/**
	 * @throws {ContextOverflowError} if the prompt, or prompt and reply, exceed the context
	 * @throws {PromptError} if the model's chat template does not take the conversation
	 * @throws {ModelFaultError} if the engine failed; the request may be repeated on a fresh one
	 * @throws an `AbortError` DOMException after `signal` aborts
	 */
	generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation>;
	dispose(): Promise<void>;
}

/** Errors keep their `name` across worker boundaries; test that, not the class, after one. */
export class ContextOverflowError extends Error {
	override readonly name = 'ContextOverflowError';
}

/** The model's chat template refuses this conversation, or makes nothing of it; others it may take. */
export class PromptError extends Error {
	override readonly name = 'PromptError';
}

export class ModelFaultError extends Error {
	override readonly name = 'ModelFaultError';
}

/** The model cannot be loaded: missing, corrupt, or too large. The message says what to do. */
export class ModelLoadError extends Error {
	override readonly name = 'ModelLoadError';
}
