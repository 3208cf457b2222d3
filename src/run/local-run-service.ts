import { canonicalJson, type Json, type JsonObject } from '../base/json.ts';
import { optionsOf } from '../base/part.ts';
import type { Message } from '../dialogue/message.ts';
import type { Environment } from '../environment/environment.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import { goldenPath } from '../harvest/golden-path.ts';
import { wordsWanted } from '../harvest/search-summary.ts';
import { viewOfAgent } from '../search/compose.ts';
import { eventSchema } from '../search/events.ts';
import type { RunConfig } from '../search/run-config.ts';
import { searchId, searchKey, type SearchId } from '../search/run.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';
import { rewards } from '../talk/rewards/rewards.ts';
import type { AskPerson } from '../talk/users/user-part.ts';
import type { Rating } from '../dataset/curation/curation.ts';
import { MemoryScratch, MemorySink } from '../dataset/memory-files.ts';
import type { BlobSink, ScratchFile } from '../dataset/sink.ts';
import { embeddedInBothRoles, type SpawnModel } from '../models/source.ts';
import { EventLog } from '../store/event-log.ts';
import {
	StoreError,
	type DamagedRun,
	type RunRecord,
	type RunStore,
	type ScenarioEvent
} from '../store/run-store.ts';
import { damageError, noSuchRun, positionOf, readRecord } from '../store/stored-data.ts';
import { Conductor, sourcesOf } from './conductor.ts';
import { checkRunConfig, RunConfigError } from './config.ts';
import { Environments } from './environments.ts';
import type { DatasetService } from './dataset-service.ts';
import type { StoredRun } from './export-run.ts';
import { LocalDatasetService } from './local-dataset-service.ts';
import { LocalModelService } from './local-model-service.ts';
import type { ModelService } from './model-service.ts';
import { RunWatchers } from './run-watchers.ts';
import { RunModels } from './models.ts';
import { originMismatch, originHere } from './origin.ts';
import type {
	EnvironmentChoice,
	EnvironmentSummary,
	Facets,
	RunService,
	RunState,
	RunUpdate,
	SearchQuery,
	SearchRow,
	StartOptions,
	StoredScenario,
	TabStatus
} from './run-service.ts';
import { isUnscored, scored, scoreEvents, upgradeRun } from './old-events.ts';
import { facetsOf, isWanted, standingOf } from './search-query.ts';
import {
	snapshotOf,
	storedSearches,
	type RunSnapshot,
	type SearchStore,
	type StoredSearch
} from './stored-searches.ts';
import type { Tabs } from './tabs.ts';

export interface RunServiceParts {
	readonly store: RunStore;
	readonly spawn: SpawnModel;
	/** JSON text of the environment pack of that name. */
	readonly fetchPack: (name: string) => Promise<string>;
	/** Names of the environments that new runs are offered, the usual one first; that one alone by default. */
	readonly environments?: readonly string[];
	readonly tabs: Tabs;
	/** Asks a person to play the user; absent where there is nobody. */
	readonly ask?: AskPerson;
	/** Where rows of a dataset wait; in memory by default. */
	readonly scratch?: () => Promise<ScratchFile>;
	/** Where exported files are written that are given back as blobs; in memory by default. */
	readonly files?: () => Promise<BlobSink>;
	/** The file of the model that comes with the app; datasets are checked for it. */
	readonly fetchEmbedded?: () => Promise<Blob>;
	/** Of Joshtree, for manifests. */
	readonly version: string;
	/** What else the manifests of new runs should tell. */
	readonly details?: JsonObject;
}

/** Events of an import that are stored at once. */
const importBatch = 1000;

/** The `RunService` of one tab. */
export class LocalRunService implements RunService {
	readonly models: ModelService;
	readonly datasets: DatasetService;
	readonly #store: RunStore;
	readonly #tabs: Tabs;
	readonly #version: string;
	readonly #scratch: () => Promise<ScratchFile>;
	readonly #details: JsonObject | undefined;
	readonly #ask: AskPerson | undefined;
	readonly #models: RunModels;
	readonly #environments: Environments;
	readonly #conductor: Conductor;
	readonly #watchers: RunWatchers;
	/** Runs that this tab writes without running them. */
	readonly #alone = new Set<string>();

	constructor(parts: RunServiceParts) {
		const { store, fetchPack, tabs, version, details } = parts;
		const { scratch = async () => new MemoryScratch(), fetchEmbedded } = parts;
		const { files = async () => new MemorySink() } = parts;
		this.#store = store;
		this.#tabs = tabs;
		this.#version = version;
		this.#scratch = scratch;
		this.#details = details;
		this.#ask = parts.ask;
		this.#models = new RunModels(parts.spawn);
		this.models = new LocalModelService(this.#models);
		this.datasets = new LocalDatasetService({
			stored: (id) => this.#stored(id),
			files,
			...(fetchEmbedded && { fetchEmbedded })
		});
		this.#environments = new Environments(store, fetchPack, parts.environments);
		this.#watchers = new RunWatchers(
			tabs,
			(id) => this.#look(id),
			(id) => this.#conductor.isWriting(id)
		);
		this.#conductor = new Conductor({
			store,
			tabs,
			models: this.#models,
			environments: this.#environments,
			...(parts.ask && { ask: parts.ask }),
			tell: (id, update) => {
				this.#watchers.tell(id, update);
				tabs.tell(id, update);
			}
		});
	}

	async environments(): Promise<readonly string[]> {
		return this.#environments.names;
	}

	async environment(name?: string): Promise<EnvironmentSummary> {
		const { environment } = await this.#environments.forNew(name === undefined ? undefined : { name });
		const { id, title, hash, scenarios } = environment;
		return {
			id,
			title,
			hash,
			scenarios: scenarios.map(({ id, split, domains, goals, says, userGoals }) => ({
				id,
				split,
				domains,
				goals: goals.length,
				says: says?.length ?? 0,
				userGoals
			}))
		};
	}

	async list(): Promise<RunRecord[]> {
		return [...(await this.#store.list()).runs];
	}

	async damagedRuns(): Promise<DamagedRun[]> {
		return [...(await this.#store.list()).damaged];
	}

	async status(): Promise<TabStatus> {
		const claimed = [...(await this.#tabs.claimed())].filter((id) => !this.#alone.has(id));
		const runningHere = claimed.find((id) => this.#conductor.isWriting(id));
		const { problem } = this.#store;
		return {
			...(runningHere !== undefined && { runningHere }),
			runningElsewhere: claimed.filter((id) => id !== runningHere),
			...(problem !== undefined && { storageProblem: problem })
		};
	}

	async get(id: string): Promise<RunRecord> {
		return this.#record(id);
	}

	async create(
		config: RunConfig,
		sources = embeddedInBothRoles,
		choice?: EnvironmentChoice
	): Promise<RunRecord> {
		const { environment, pack } = await this.#environments.forNew(choice);
		checkRunConfig(config, environment);
		if (config.user.kind === 'person' && !this.#ask)
			throw new RunConfigError(
				'user: there is nobody here who could be asked. Choose another user simulator.'
			);
		const record: RunRecord = {
			id: crypto.randomUUID(),
			createdAt: new Date().toISOString(),
			config,
			origin: originHere(config, environment, await this.#models.identities(sources), this.#details),
			sources,
			status: 'unfinished',
			activeMilliseconds: 0
		};
		await this.#store.create(record, pack);
		return record;
	}

	async import(imported: RunRecord, stored: readonly ScenarioEvent[], given?: string): Promise<void> {
		let record = readRecord(imported, 'The record of the run to import');
		const { id, origin, status, activeMilliseconds } = record;
		let events = stored;
		const log = new EventLog('the run to import', record.config);
		for (const [index, event] of events.entries()) log.take(event, `event ${index} of the run to import`);
		const { damage } = log.read();
		if (damage.length > 0) throw damageError(damage, 'Nothing was stored.');
		const pack = given ?? (await this.#environments.pack(origin.pack.hash));
		if (pack === undefined)
			throw new StoreError(
				`Run ${id} was made with the environment pack "${origin.pack.id}" of hash ${origin.pack.hash}, which is not known here.`
			);
		if (isUnscored(record)) {
			events = await scoreEvents(record, await loadEnvironment(pack, 'stored'), events);
			record = { ...record, origin: { ...origin, eventSchema } };
		}
		await this.#whileAlone(id, async () => {
			const there = await this.#store.get(id);
			if (!there) await this.#store.create({ ...record, status: 'unfinished' }, pack);
			else if (!isSameWork(there, record))
				throw new StoreError(
					`There is another run ${id} here already; nothing was changed. Delete it first.`
				);
			for (let start = 0; start < events.length; start += importBatch)
				await this.#store.append(id, events.slice(start, start + importBatch));
			await this.#store.update(id, {
				status: there?.status === 'finished' ? 'finished' : status,
				activeMilliseconds: Math.max(activeMilliseconds, there?.activeMilliseconds ?? 0)
			});
		});
	}

	async delete(id: string): Promise<void> {
		await this.#whileAlone(id, () => this.#store.delete(id));
	}

	async events(id: string, scenario?: string): Promise<ScenarioEvent[]> {
		const { record, environment } = await this.#opened(id);
		return [...(await this.#searchesOf(record, environment).events(id, scenario)).events];
	}

	async rows(id: string): Promise<SearchRow[]> {
		const { record, environment } = await this.#opened(id);
		const { ended, begun } = await this.#store.overview(id);
		const rows = new Map<string, SearchRow>();
		const add = (row: SearchRow) => rows.set(searchKey(row), row);
		for (const { scenario, trial, summary } of ended) {
			const { earned, all: goals } = summary.goals;
			const { events } = summary;
			add({ ...searchId(scenario, trial), standing: standingOf(summary), earned, goals, events });
		}
		const goalsOf = this.#goalsIn(record, environment);
		for (const search of begun)
			add({ ...search, standing: 'begun', earned: 0, goals: goalsOf(search.scenario)?.length ?? 0 });
		const { scenarios, trials = 1 } = record.config;
		return scenarios.flatMap((scenario) =>
			Array.from({ length: trials }, (_, trial): SearchRow => {
				const search = searchId(scenario, trial);
				const goals = () => goalsOf(scenario)?.length ?? 0;
				return rows.get(searchKey(search)) ?? { ...search, standing: 'waiting', earned: 0, goals: goals() };
			})
		);
	}

	async facets(id: string): Promise<Facets> {
		const { ratings = {} } = await this.#record(id);
		return facetsOf((await this.#store.overview(id)).ended, ratings);
	}

	async find(id: string, query: SearchQuery): Promise<SearchId[]> {
		const { ratings = {} } = await this.#record(id);
		const words = wordsWanted(query.words ?? '');
		const { ended } = await this.#store.overview(id);
		const having =
			words.length === 0 ? undefined : new Set((await this.#store.find(id, words)).map(searchKey));
		return ended
			.filter((search) => (having?.has(searchKey(search)) ?? true) && isWanted(search, query, ratings))
			.map(({ scenario, trial }) => searchId(scenario, trial));
	}

	async pack(id: string): Promise<string> {
		const { origin } = await this.#record(id);
		const pack = await this.#environments.pack(origin.pack.hash);
		if (pack === undefined)
			throw new StoreError(`The environment pack of run ${id} is missing. Delete this run.`);
		return pack;
	}

	async scenario(id: string, scenario: string): Promise<StoredScenario> {
		const { record, environment } = await this.#opened(id);
		const facts = environment.scenarios.find((one) => one.id === scenario);
		positionOf(record, scenario);
		if (!facts)
			throw new StoreError(
				`The environment ${environment.id} of run ${id} does not have scenario ${scenario}.`
			);
		const { split, domains, userGoals } = facts;
		const goals = this.#goalsIn(record, environment)(scenario)!;
		const events: ScenarioEvent[] = [];
		const damage = new Set<string>();
		for await (const search of this.#searchesIn(record, environment, scenario)) {
			const one = searchId(scenario, search.trial);
			for (const event of search.history) events.push({ ...one, event });
			if ('damage' in search) for (const loss of search.damage) damage.add(loss);
		}
		return {
			facts: { id: scenario, split, domains, userGoals, agentPrompt: environment.prompts.agent, goals },
			events,
			damage: [...damage]
		};
	}

	async goldenConversation(id: string, scenario: string): Promise<readonly Message[] | undefined> {
		const { record, environment } = await this.#opened(id);
		positionOf(record, scenario);
		for await (const search of this.#searchesIn(record, environment, scenario)) {
			const golden = 'tree' in search && goldenPath(search.tree);
			if (golden)
				return viewOfAgent(
					record.config,
					environment,
					golden.messages.map(({ message }) => message)
				);
		}
		return undefined;
	}

	async start(id: string, { workers, sources }: StartOptions): Promise<void> {
		if (!Number.isInteger(workers) || workers < 1)
			throw new RangeError(`workers: must be a whole number from 1, not ${workers}`);
		await this.#record(id);
		await this.#conductor.start(id, workers, sources);
	}

	pause(): Promise<void> {
		return this.#conductor.pause();
	}

	watch(id: string, onUpdate: (update: RunUpdate) => void): Promise<() => void> {
		return this.#watchers.watch(id, onUpdate);
	}

	async rate(id: string, scenario: string, rating: Rating | undefined): Promise<void> {
		const record = await this.#record(id);
		positionOf(record, scenario);
		const { [scenario]: _, ...others } = record.ratings ?? {};
		await this.#store.update(id, { ratings: { ...others, ...(rating && { [scenario]: rating }) } });
	}

	async #stored(id: string): Promise<StoredRun> {
		const { record, environment } = await this.#opened(id);
		return {
			store: this.#searchesOf(record, environment),
			record,
			environment,
			pack: () => this.pack(id),
			madeBy: { name: 'joshtree', version: this.#version },
			scratch: this.#scratch
		};
	}

	async #opened(id: string): Promise<{ readonly record: RunRecord; readonly environment: Environment }> {
		const record = await this.#record(id);
		return { record, environment: await this.#environments.of(record) };
	}

	/** All trials of one scenario. */
	#searchesIn(record: RunRecord, environment: Environment, scenario: string): AsyncIterable<StoredSearch> {
		const { config } = record;
		const one = { ...record, config: { ...config, scenarios: [scenario] } };
		return storedSearches(this.#searchesOf(record, environment), one, environment);
	}

	/** Events that say what was earned. */
	#searchesOf(record: RunRecord, environment: Environment): SearchStore {
		return scored(this.#store, record, environment);
	}

	/** What the run's reward has to give in a scenario; `undefined` if the environment does not have it. */
	#goalsIn(
		{ config }: RunRecord,
		environment: Environment
	): (scenario: string) => readonly RewardGoal[] | undefined {
		const byId = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
		const reward = rewards.get(config.reward.kind);
		const options = optionsOf(config.reward);
		return (id) => {
			const scenario = byId.get(id);
			return scenario && reward.create(options, { scenario, environment }).goals;
		};
	}

	async #record(id: string): Promise<RunRecord> {
		const record = await this.#store.get(id);
		if (!record) throw noSuchRun(id);
		return record;
	}

	/** How a run stands: its state, its progress, and the scenarios that cannot be read. */
	async #look(id: string): Promise<RunUpdate[]> {
		const record = await this.#scoredRecord(id);
		const environment = await this.#environments.of(record);
		const snapshot = await this.#snapshotOf(record, environment);
		const { activeMilliseconds } = record;
		const state = await this.#stateOf(record, snapshot);
		const progress =
			this.#conductor.progressOf(id) ??
			snapshot.figures.progress({ tokensPerSecond: 0, activeMilliseconds }, 0);
		const damage: RunUpdate[] =
			snapshot.strays.length > 0 ? [{ type: 'damage', damage: snapshot.strays }] : [];
		const failures = [...snapshot.damaged].map(([scenario, reason]): RunUpdate => ({
			type: 'failure',
			scenario,
			reason
		}));
		const warnings = Object.keys(record.warnings ?? {}).map((warning): RunUpdate => ({
			type: 'warning',
			warning
		}));
		return [{ type: 'state', state }, { type: 'progress', progress }, ...damage, ...failures, ...warnings];
	}

	/** What has ended and is not summarized yet is summarized for good, unless another tab has the run. */
	async #snapshotOf(record: RunRecord, environment: Environment): Promise<RunSnapshot> {
		const { id } = record;
		let release: (() => void) | undefined;
		let isOthers = isUnscored(record) || this.#conductor.isActive(id);
		try {
			return await snapshotOf(
				this.#searchesOf(record, environment),
				record,
				environment,
				await this.#store.overview(id),
				{
					onEnded: async (ended) => {
						if (isOthers) return;
						release ??= await this.#claim(id);
						isOthers = release === undefined;
						if (!isOthers) await this.#store.append(id, [], ended);
					},
					onProgress: (done, of) => this.#watchers.tell(id, { type: 'reading', done, of })
				}
			);
		} finally {
			release?.();
		}
	}

	/** The right to write a run without running it. @returns gives it back; `undefined` if another has it */
	async #claim(id: string): Promise<(() => void) | undefined> {
		const release = await this.#tabs.claim(id);
		if (!release) return undefined;
		this.#alone.add(id);
		return () => {
			this.#alone.delete(id);
			release();
		};
	}

	async #stateOf(record: RunRecord, { figures }: RunSnapshot): Promise<RunState> {
		const { id, status } = record;
		const isWritten = (await this.#tabs.claimed()).has(id);
		if (isWritten && !this.#conductor.isActive(id)) return { phase: 'watching' };
		if (status === 'finished') return { phase: 'finished' };
		const state = this.#conductor.stateOf(id);
		if (state) return state;
		const reason = originMismatch(record, this.#models.known(sourcesOf(record)));
		if (reason !== undefined) return { phase: 'readonly', reason };
		return { phase: figures.events > 0 ? 'paused' : 'idle' };
	}

	/** A run of an older version is scored when it is first looked at, unless another tab has it. */
	async #scoredRecord(id: string): Promise<RunRecord> {
		const record = await this.#record(id);
		if (!isUnscored(record)) return record;
		const release = await this.#claim(id);
		if (!release) return record;
		try {
			return await upgradeRun(this.#store, record, await this.#environments.of(record));
		} finally {
			release();
		}
	}

	/** Does something to a run while nobody runs it. */
	async #whileAlone(id: string, work: () => Promise<void>): Promise<void> {
		const release = await this.#claim(id);
		if (!release)
			throw new StoreError(
				`Run ${id} is running${this.#conductor.isActive(id) ? '' : ' in another tab'}. Pause it first.`
			);
		try {
			await work();
		} finally {
			release();
		}
	}
}

function isSameWork(a: RunRecord, b: RunRecord): boolean {
	const work = ({ config, origin }: RunRecord) => canonicalJson({ config, origin } as unknown as Json);
	return work(a) === work(b);
}
