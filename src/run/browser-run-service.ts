import { spawnInWorkers, type EngineWorkers } from '../models/spawn-model.ts';
import { shippedSource } from '../models/shipped.ts';
import { download } from '../models/wllama/model-files.ts';
import { PrivateFileModels } from '../models/wllama/private-file-models.ts';
import { IndexedDbStore } from '../store/indexeddb-store.ts';
import { PrivateScratch } from '../store/private-scratch.ts';
import { BrowserTabs } from './browser-tabs.ts';
import { downloadText } from './download-text.ts';
import { LocalRunService } from './local-run-service.ts';

/**
 * The run service of a worker.
 * @param base the app's path on its origin; the worker's script lies in a folder below it
 */
export function browserRunService(version: string, base: string, workers: EngineWorkers): LocalRunService {
	const app = new URL(base, globalThis.location.origin);
	return new LocalRunService({
		store: new IndexedDbStore(),
		fetchPack: () => downloadText(new URL('packs/travel.json', app)),
		spawn: spawnInWorkers({ app, kept: new PrivateFileModels(), workers }),
		tabs: new BrowserTabs(),
		fetchEmbedded: () => download(shippedSource(app).model as string),
		scratch: () => PrivateScratch.create(),
		version
	});
}
