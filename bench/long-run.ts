import { loadEnvironment } from '../src/environment/pack-environment.ts';
import { generateTravel } from '../src/environment/travel/travel.ts';
import { trainingCuration } from '../src/dataset/curation/curation.ts';
import { examplesOf } from '../src/harvest/examples.ts';
import { plainFormats } from '../src/dataset/formats/index.ts';
import { grow } from '../src/search/fold.ts';
import { shippedSource } from '../src/models/shipped.ts';
import { download } from '../src/models/wllama/model-files.ts';
import { BrowserTabs } from '../src/run/browser-tabs.ts';
import { LocalRunService } from '../src/run/local-run-service.ts';
import { originHere } from '../src/run/origin.ts';
import { filesIn } from '../src/store/hub.ts';
import { IndexedDbStore } from '../src/store/indexeddb-store.ts';
import { PrivateScratch } from '../src/store/private-scratch.ts';
import type { ScenarioEvent } from '../src/store/run-store.ts';
import { instantIdentity } from './instant-model.ts';
import { livelyConfig, livelySearch } from './lively-run.ts';

const database = 'bench export';
const folderName = 'bench export';

/** Scenarios from whose yield that of the others is foretold. */
const sample = 40;

/** Stores a finished run whose dataset has at least so many rows in the formats that hold every example once. */
export async function fillRun(rows: number): Promise<void> {
	const small = await loadEnvironment(
		JSON.stringify(generateTravel(2, { train: sample, val: 0, test: 0 }).pack)
	);
	let found = 0;
	for (const scenario of small.scenarios) {
		const events = await livelySearch(small, scenario);
		const { strategy, agent } = livelyConfig;
		const tree = grow({ scenario: scenario.id, strategy }, events);
		const harvest = examplesOf({ environment: small, scenario, agent, tree }, trainingCuration);
		if ('none' in harvest) continue;
		const { sft, kto, dpo } = harvest.examples;
		found += sft.length + kto.length + dpo.length;
	}
	// More than that, for the sample may be lucky, and curation leaves some out.
	const train = Math.ceil((1.25 * rows * sample) / found);
	const pack = JSON.stringify(generateTravel(2, { train, val: 0, test: 0 }).pack);
	const environment = await loadEnvironment(pack);
	const store = new IndexedDbStore(database);
	const scenarios = environment.scenarios.map(({ id }) => id);
	const id = 'long-run';
	const config = { ...livelyConfig, scenarios };
	await store.delete(id);
	await store.create(
		{
			id,
			createdAt: '2025-01-01T00:00:00.000Z',
			config,
			origin: originHere(config, environment, { agent: instantIdentity, user: instantIdentity }),
			status: 'unfinished',
			activeMilliseconds: 0
		},
		pack
	);
	let waiting: ScenarioEvent[] = [];
	for (const scenario of environment.scenarios) {
		for (const event of await livelySearch(environment, scenario))
			waiting.push({ scenario: scenario.id, event });
		if (waiting.length < 1000) continue;
		await store.append(id, waiting);
		waiting = [];
	}
	await store.append(id, waiting);
	await store.update(id, { status: 'finished' });
	await store.close();
}

export interface LongExport {
	readonly rows: number;
	readonly scenarios: number;
	/** Of the whole dataset folder, the run itself included. */
	readonly bytes: number;
	readonly milliseconds: number;
	/** Of that, until everything had been read once; and until all rows were arranged. */
	readonly read: number;
	readonly arranged: number;
}

/**
 * Exports the run that `fillRun` stored as the app does, all rows checked for the embedded model, and removes it.
 * @param app the page's address
 * @param onStart called when everything is at hand and the export begins; is waited for
 */
export async function exportRun(app: URL, onStart: () => Promise<void>): Promise<LongExport> {
	const store = new IndexedDbStore(database);
	const service = new LocalRunService({
		store,
		fetchPack: () => Promise.reject(new Error('no new runs here')),
		fetchEmbedded: () => download(shippedSource(app).model as string),
		spawn: () => Promise.reject(new Error('no models here')),
		scratch: () => PrivateScratch.create(),
		tabs: new BrowserTabs(),
		version: 'bench'
	});
	const [record] = await service.list();
	const root = await navigator.storage.getDirectory();
	const folder = await root.getDirectoryHandle(folderName, { create: true });
	const choices = { formats: plainFormats.map(({ id }) => id), curation: trainingCuration };
	await onStart();
	const began = performance.now();
	const last: Partial<Record<string, number>> = {};
	const { summary } = await service.datasets.exportDataset(record!.id, choices, folder, ({ step }) => {
		last[step] = performance.now() - began;
	});
	const milliseconds = performance.now() - began;
	const files = await filesIn(folder);
	await root.removeEntry(folderName, { recursive: true });
	await service.delete(record!.id);
	await store.close();
	const { sft, kto, dpo } = summary.examples;
	return {
		rows: sft + kto.true + kto.false + dpo,
		scenarios: summary.scenarios,
		bytes: files.reduce((sum, { content }) => sum + content.size, 0),
		milliseconds,
		read: last['reading'] ?? 0,
		arranged: last['arranging'] ?? 0
	};
}
