import { loadEnvironment } from '../../src/environment/pack-environment.ts';
import type { LanguageModel } from '../../src/models/language-model.ts';
import { readGguf } from '../../src/models/wllama/gguf.ts';
import { BrowserTabs } from '../../src/run/browser-tabs.ts';
import { createRunConfig, firstScenarios } from '../../src/run/config.ts';
import { downloadText } from '../../src/run/download-text.ts';
import { LocalRunService } from '../../src/run/local-run-service.ts';
import { apply, plant } from '../../src/search/fold.ts';
import { IndexedDbStore } from '../../src/store/indexeddb-store.ts';
import { fillRun, exportRun, type LongExport } from '../long-run.ts';
import { storeSpeed, type StoreSpeed } from '../store-speed.ts';
import { prefixAccount, type PrefixAccount } from './prefix-account.ts';
import { Recorder } from './recorder.ts';

export interface Workload {
	/** The first ones of the train split. */
	readonly scenarios: number;
	readonly beam: number;
	readonly seed: number;
	readonly workers: number;
	/** Milliseconds after which the run is paused; by default it is run to its end. */
	readonly pauseAfter?: number;
	/** Whether prompts are tokenised and counted. */
	readonly prefix?: boolean;
}

/** What a run was seen to do. Times are milliseconds from when all workers were ready. */
export interface Observation {
	readonly duration: number;
	/** For each worker the requests that it answered. */
	readonly workers: readonly (readonly {
		readonly began: number;
		readonly ended: number;
		readonly tokens: number;
	}[])[];
	/** When scenarios were finished, in this order. */
	readonly finished: readonly number[];
	/** Events that were stored. */
	readonly events: number;
	readonly prefix?: PrefixAccount;
}

/** The app's own run service over the app's own engines, with someone who takes notes. */
export class Workbench {
	readonly #app: URL;
	readonly #spawn: (app: URL) => Promise<LanguageModel>;

	/** @param app the page's address, below which models and packs lie */
	constructor(app: URL, spawn: (app: URL) => Promise<LanguageModel>) {
		this.#app = app;
		this.#spawn = spawn;
	}

	async run({ workers, scenarios, beam, seed, pauseAfter, prefix }: Workload): Promise<Observation> {
		const recorder = new Recorder();
		// Loaded before: a worker that joins late would count as one that idles.
		const engines = await Promise.all(Array.from({ length: workers }, () => this.#spawn(this.#app)));
		const pack = await downloadText(new URL('packs/travel.json', this.#app));
		const environment = await loadEnvironment(pack);
		const service = new LocalRunService({
			store: new IndexedDbStore(`bench ${crypto.randomUUID()}`),
			fetchPack: async () => pack,
			spawn: async () => recorder.record(engines.pop() ?? (await this.#spawn(this.#app))),
			tabs: new BrowserTabs(),
			version: 'bench'
		});
		const config = createRunConfig({
			strategy: { kind: 'josh', beam },
			seed,
			...firstScenarios(environment, 'train', scenarios)
		});
		const { id } = await service.create(config);
		const trees = new Map(
			environment.scenarios.map((scenario) => [
				scenario.id,
				plant({ scenario: scenario.id, strategy: config.strategy })
			])
		);
		const finished: number[] = [];
		let events = 0;
		let failure: string | undefined;
		await service.watch(id, (update) => {
			if (update.type === 'state' && 'reason' in update.state) failure = update.state.reason;
			if (update.type !== 'event') return;
			events++;
			const tree = apply(trees.get(update.scenario)!, update.event);
			trees.set(update.scenario, tree);
			if (tree.done) finished.push(performance.now());
		});
		const timer = pauseAfter === undefined ? undefined : setTimeout(() => void service.pause(), pauseAfter);
		await service.start(id, { workers });
		const end = performance.now();
		clearTimeout(timer);
		await service.delete(id);
		if (failure !== undefined) throw new Error(failure);
		const began = Math.max(...recorder.ready.slice(0, workers));
		return {
			duration: end - began,
			workers: recorder.ready.map((_, worker) =>
				recorder.requests
					.filter((request) => request.worker === worker)
					.map(({ began: from, ended: to, generation }) => ({
						began: from - began,
						ended: to - began,
						tokens: generation.usage.completionTokens
					}))
			),
			finished: finished.map((at) => at - began),
			events,
			...(prefix && { prefix: await this.#account(recorder) })
		};
	}

	/** How fast the browser's database is. */
	async store(size: { readonly events: number; readonly writes: number }): Promise<StoreSpeed> {
		const pack = await downloadText(new URL('packs/travel.json', this.#app));
		const name = `bench ${crypto.randomUUID()}`;
		let store: IndexedDbStore | undefined;
		const open = async () => {
			await store?.close();
			return (store = new IndexedDbStore(name));
		};
		return storeSpeed(open, await loadEnvironment(pack), pack, size);
	}

	/** Stores a finished run of at least so many rows, for `exportRun` of another worker. */
	fillRun(rows: number): Promise<void> {
		return fillRun(rows);
	}

	/** Writes the dataset of that run into the origin's private file system, and removes both. @param onStart is waited for */
	exportRun(onStart: () => Promise<void>): Promise<LongExport> {
		return exportRun(this.#app, onStart);
	}

	async #account({ requests }: Recorder): Promise<PrefixAccount> {
		const model = await (await fetch(new URL('models/embedded.gguf', this.#app))).blob();
		const inOrder = [...requests].sort((a, b) => a.began - b.began);
		return prefixAccount(await readGguf(model), inOrder);
	}
}
