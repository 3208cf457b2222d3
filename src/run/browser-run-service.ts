import '../base/wire.ts';
import { MemoryScratch, MemorySink } from '../dataset/memory-files.ts';
import { shippedPacks } from '../environment/shipped.ts';
import { spawnInWorkers, type EngineWorkers } from '../models/spawn-model.ts';
import { shippedSource } from '../models/shipped.ts';
import { download } from '../models/wllama/model-files.ts';
import { PrivateFileModels } from '../models/wllama/private-file-models.ts';
import { PrivateFiles } from '../store/private-files.ts';
import { PrivateScratch } from '../store/private-scratch.ts';
import { openBrowserStorage } from './browser-storage.ts';
import { downloadText } from './download-text.ts';
import { LocalRunService } from './local-run-service.ts';
import { forwardCalls } from './forward-calls.ts';
import type { RunService } from './run-service.ts';

/**
 * The run service of a worker.
 * @param base the app's path on its origin; the worker's script lies in a folder below it
 */
export function browserRunService(version: string, base: string, workers: EngineWorkers): RunService {
	const app = new URL(base, globalThis.location.origin);
	const opening = openBrowserStorage().then(
		(storage) =>
			new LocalRunService({
				...storage,
				fetchPack: (name) => downloadText(new URL(`packs/${name}.json`, app)),
				environments: shippedPacks,
				spawn: spawnInWorkers({ app, kept: new PrivateFileModels(), workers }),
				fetchEmbedded: () => download(shippedSource(app).model as string),
				scratch: () => PrivateScratch.create().catch(() => new MemoryScratch()),
				files: () => PrivateFiles.create().catch(() => new MemorySink()),
				version
			})
	);
	// What is asked before the storage is open waits for it: messages to a worker that does not listen yet would be lost.
	return forwardCalls(async (path, args) => {
		const within = path
			.slice(0, -1)
			.reduce((at, name) => at[name] as Members, (await opening) as unknown as Members);
		return (within[path.at(-1)!] as (...args: readonly unknown[]) => unknown).apply(within, [...args]);
	});
}

type Members = Record<string, unknown>;
