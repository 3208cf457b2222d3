import { canonicalJson, type Json, type JsonObject } from '../base/json.ts';
import { optionsOf } from '../base/part.ts';
import type { Message } from '../dialogue/message.ts';
import type { Environment } from '../environment/environment.ts';
import { loadEnvironment } from '../environment/pack-environment.ts';
import { goldenPath } from '../harvest/golden-path.ts';
import { viewOfAgent } from '../search/compose.ts';
import { eventSchema } from '../search/events.ts';
import type { RunConfig } from '../search/run-config.ts';
import { rewards } from '../talk/rewards/rewards.ts';
import type { AskPerson } from '../talk/users/user-part.ts';
import type { Rating } from '../dataset/curation/curation.ts';
import { MemoryScratch } from '../dataset/memory-files.ts';
import type { ScratchFile } from '../dataset/sink.ts';
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
	RunService,
	RunState,
	RunUpdate,
	ScenarioFacts,
	StartOptions,
	TabStatus
} from './run-service.ts';
import { isUnscored, scored, scoreEvents, upgradeRun } from './old-events.ts';
import { snapshotOf, storedSearches, type SearchStore, type RunSnapshot } from './stored-searches.ts';
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

	async events(id: string): Promise<ScenarioEvent[]> {
		const record = await this.#record(id);
		return [...(await this.#searchesOf(record, await this.#environments.of(record)).events(id)).events];
	}

	async pack(id: string): Promise<string> {
		const { origin } = await this.#record(id);
		const pack = await this.#environments.pack(origin.pack.hash);
		if (pack === undefined)
			throw new StoreError(`The environment pack of run ${id} is missing. Delete this run.`);
		return pack;
	}

	async scenarios(id: string): Promise<ScenarioFacts[]> {
		const { config, ...record } = await this.#record(id);
		const environment = await this.#environments.of({ config, ...record });
		const byId = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
		const reward = rewards.get(config.reward.kind);
		return config.scenarios.flatMap((one) => {
			const scenario = byId.get(one);
			if (!scenario) return [];
			const { split, domains, userGoals } = scenario;
			const { goals } = reward.create(optionsOf(config.reward), { scenario, environment });
			return [{ id: one, split, domains, userGoals, agentPrompt: environment.prompts.agent, goals }];
		});
	}

	async goldenConversation(id: string, scenario: string): Promise<readonly Message[] | undefined> {
		const record = await this.#record(id);
		const environment = await this.#environments.of(record);
		const { config } = record;
		const one = { ...record, config: { ...config, scenarios: [scenario] } };
		for await (const search of storedSearches(this.#searchesOf(record, environment), one, environment)) {
			const golden = 'tree' in search && goldenPath(search.tree);
			if (golden)
				return viewOfAgent(
					config,
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
		const record = await this.#record(id);
		const environment = await this.#environments.of(record);
		return {
			store: this.#searchesOf(record, environment),
			record,
			environment,
			pack: () => this.pack(id),
			madeBy: { name: 'joshtree', version: this.#version },
			scratch: this.#scratch
		};
	}

	/** Events that say what was earned. */
	#searchesOf(record: RunRecord, environment: Environment): SearchStore {
		return scored(this.#store, record, environment);
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
		const snapshot = await snapshotOf(this.#searchesOf(record, environment), record, environment);
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
		const release = await this.#tabs.claim(id);
		if (!release) return record;
		this.#alone.add(id);
		try {
			return await upgradeRun(this.#store, record, await this.#environments.of(record));
		} finally {
			this.#alone.delete(id);
			release();
		}
	}

	/** Does something to a run while nobody runs it. */
	async #whileAlone(id: string, work: () => Promise<void>): Promise<void> {
		const release = await this.#tabs.claim(id);
		if (!release)
			throw new StoreError(
				`Run ${id} is running${this.#conductor.isActive(id) ? '' : ' in another tab'}. Pause it first.`
			);
		this.#alone.add(id);
		try {
			await work();
		} finally {
			this.#alone.delete(id);
			release();
		}
	}
}

function isSameWork(a: RunRecord, b: RunRecord): boolean {
	const work = ({ config, origin }: RunRecord) => canonicalJson({ config, origin } as unknown as Json);
	return work(a) === work(b);
}
