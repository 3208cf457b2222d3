import type { LanguageModel, LoadOptions } from './language-model.ts';
import type { ServerSource } from './server/settings.ts';
import type { ShippedModel } from './shipped.ts';
import type { WebLlmSource } from './webllm/settings.ts';
import type { WllamaSettings } from './wllama/settings.ts';

/**
 * How a model is had, and had again another day: kept with a run, so that it can go on. Plain JSON. What it turned out to be is its
 * `ModelIdentity`.
 */
export type ModelSource = ShippedModelSource | KeptModelSource | WebLlmModelSource | ServerModelSource;

/** A model that comes with the app, on the CPU. */
export interface ShippedModelSource {
	readonly engine: 'shipped';
	readonly model: ShippedModel;
}

/** A GGUF file that the user has put into the browser's own storage; see `wllama/kept-models.ts`. */
export interface KeptModelSource {
	readonly engine: 'wllama';
	/** The id of a kept model. */
	readonly model: string;
	/** A kept LoRA adapter on top of it. */
	readonly adapter?: { readonly id: string; readonly scale: number };
	readonly settings: WllamaSettings;
}

/** A model of web-llm's list, or one of the user's own by address, on the graphics device. */
export interface WebLlmModelSource extends WebLlmSource {
	readonly engine: 'webllm';
}

/** A model on a server. Its key is not part of this: it is kept in memory only. */
export interface ServerModelSource extends Omit<ServerSource, 'key'> {
	readonly engine: 'server';
}

/** Something for each of the two that talk. */
export interface RoleModels<Model> {
	readonly agent: Model;
	readonly user: Model;
}

/** What a new run takes unless it is told otherwise. */
export const embeddedInBothRoles: RoleModels<ModelSource> = {
	agent: { engine: 'shipped', model: 'embedded' },
	user: { engine: 'shipped', model: 'embedded' }
};

/** The same models, those on servers at other addresses. @param moved the address now by that of the source */
export function withServersAt(
	{ agent, user }: RoleModels<ModelSource>,
	moved: Readonly<Record<string, string>>
): RoleModels<ModelSource> {
	const at = (source: ModelSource): ModelSource =>
		source.engine === 'server' ? { ...source, address: moved[source.address] ?? source.address } : source;
	return { agent: at(agent), user: at(user) };
}

export interface SpawnOptions extends LoadOptions {
	/** Of the server, if the source is one. */
	readonly key?: string;
}

/**
 * Makes one engine with a model in it. It answers one request at a time, unless the model is on a server.
 * @throws {ModelLoadError} that says what to do
 */
export type SpawnModel = (source: ModelSource, options?: SpawnOptions) => Promise<LanguageModel>;
