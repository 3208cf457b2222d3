import { ModelLoadError } from './language-model.ts';
import { RemoteModel, type EngineWorker } from './remote-model.ts';
import { shippedSource } from './shipped.ts';
import type { KeptModelSource, SpawnModel } from './source.ts';
import type { KeptModels } from './wllama/kept-models.ts';
import type { WllamaSource } from './wllama/settings.ts';

/** Makes a worker for each kind of engine. A page that may reach nothing but its own origin has none for the last two. */
export interface EngineWorkers {
	readonly wllama: () => EngineWorker;
	readonly webllm?: () => EngineWorker;
	readonly server?: () => EngineWorker;
}

export interface SpawnParts {
	/** The app's own address. */
	readonly app: URL;
	/** Files that the user keeps in the browser. */
	readonly kept: Pick<KeptModels, 'get'>;
	readonly workers: EngineWorkers;
}

/** Engines in workers of their own. */
export function spawnInWorkers({ app, kept, workers }: SpawnParts): SpawnModel {
	return async (source, { key, ...options } = {}) => {
		switch (source.engine) {
			case 'shipped':
				return RemoteModel.start(workers.wllama, shippedSource(app, source.model), options);
			case 'wllama':
				return RemoteModel.start(workers.wllama, await keptSource(kept, source), options);
			case 'webllm': {
				const { model, settings } = source;
				return RemoteModel.start(allowed(workers.webllm, 'is downloaded'), { model, settings }, options);
			}
			case 'server': {
				const { engine: _, ...rest } = source;
				const worker = allowed(workers.server, `is on the server ${source.address}`);
				return RemoteModel.start(worker, { ...rest, ...(key !== undefined && { key }) }, options);
			}
		}
	};
}

async function keptSource(
	kept: Pick<KeptModels, 'get'>,
	{ model, adapter, settings }: KeptModelSource
): Promise<WllamaSource> {
	const { files, entry } = await kept.get(model);
	return {
		model: files,
		hash: entry.id,
		settings,
		...(adapter && { adapter: await keptAdapter(kept, adapter) })
	};
}

async function keptAdapter(
	kept: Pick<KeptModels, 'get'>,
	{ id, scale }: NonNullable<KeptModelSource['adapter']>
) {
	const { files, entry } = await kept.get(id);
	return { file: files[0]!, hash: entry.id, scale };
}

function allowed(worker: (() => EngineWorker) | undefined, where: string): () => EngineWorker {
	if (worker) return worker;
	throw new ModelLoadError(
		`The model ${where}, and this page reaches nothing but its own files. Open the connected page, connected.html, to use it.`
	);
}
