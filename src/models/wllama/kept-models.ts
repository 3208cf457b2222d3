import type { TemplateFacts } from '../../dialogue/template/chat-template.ts';

/** A GGUF model or LoRA adapter in the browser's own storage, as plain data. */
export interface KeptModel {
	/** SHA-256 as `hashOf` makes it: the same files have the same id everywhere. */
	readonly id: string;
	readonly kind: 'model' | 'adapter';
	/** `general.name`, or the file's name without its ending. */
	readonly name: string;
	/** Names of the files as they were chosen, parts in order. */
	readonly files: readonly string[];
	readonly bytes: number;
	/** E.g. `llama`; an adapter fits models of its architecture only. */
	readonly architecture: string;
	/** E.g. `Q4_K_M`, if the file says it. */
	readonly quantisation?: string;
	/** Tokens that the model was trained for. */
	readonly contextTokens?: number;
	/** Bytes that the model's cache takes for each token of context if held in f16; twice as much in f32. */
	readonly cacheBytesPerToken?: number;
	/** Whether it brings a chat template; without one ChatML is taken. */
	readonly hasTemplate: boolean;
	/** How the template, tried when the file was kept, takes both roles and their tools; or why it does not. Neither if nobody tried it. */
	readonly template?: TemplateFacts | { readonly problem: string };
	/** ISO 8601. */
	readonly keptAt: string;
}

export interface KeepOptions {
	/** Nothing is left behind after an abort. */
	readonly signal?: AbortSignal;
	/** Called with 0 to 1. */
	readonly onProgress?: (fraction: number) => void;
}

/** GGUF files that the user has put into the browser's own storage, so that a run can go on after its tab was closed. */
export interface KeptModels {
	/** Newest first. */
	list(): Promise<KeptModel[]>;
	/**
	 * Copies the one file of a model, all parts of a split one in any order, or an adapter. What is there already is not copied
	 * again.
	 * @throws {ModelLoadError} that says which file is wrong and what to do: no GGUF, a missing part, parts of two models, no room
	 */
	keep(files: readonly File[], options?: KeepOptions): Promise<KeptModel>;
	/** @throws {ModelLoadError} if it is not there (any more) */
	get(id: string): Promise<{ readonly entry: KeptModel; readonly files: readonly File[] }>;
	delete(id: string): Promise<void>;
}
