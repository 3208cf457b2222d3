import type { CheckReport } from '../dataset/check/self-check.ts';
import type { TokenizerFiles } from '../dataset/check/target-files.ts';
import type { CurationOptions, Rating } from '../dataset/curation/curation.ts';
import type { DatasetProgress } from '../dataset/dataset.ts';
import type { DatasetSummary } from '../dataset/summary.ts';
import type { ThoughtMember } from '../dataset/thoughts.ts';
import type { ModelIdentity } from '../models/language-model.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { SearchEvent } from '../search/events.ts';
import type { SearchId } from '../search/run.ts';
import type { RunConfig } from '../search/run-config.ts';
import type { Message } from '../dialogue/message.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';
import type { DamagedRun, RunRecord, ScenarioEvent } from '../store/run-store.ts';
import type { ModelProgress } from './models.ts';

/** Figures of a run, for the screen. Everything here can be derived again; none of it is stored. */
export interface RunProgress {
	readonly scenariosTotal: number;
	readonly scenariosDone: number;
	/** Of those done, scenarios that set no goal: they count in neither of the next two. */
	readonly withoutGoals: number;
	/** Scenarios that passed, of those done: that earned every goal, or what the reward that scores says. */
	readonly successes: number;
	/** Scenarios that can be called neither passed nor failed, of those done: the share that passed is a range. */
	readonly unknown: number;
	/** Mean score of those done that have one; `null` of none. */
	readonly meanReward: number | null;
	readonly events: number;
	readonly promptTokens: number;
	readonly completionTokens: number;
	/** Completion tokens a second of running time in this session. */
	readonly tokensPerSecond: number;
	/** Milliseconds this run has been running, all sessions together. */
	readonly activeMilliseconds: number;
	readonly workers: number;
}

/**
 * - `watching`: another tab writes this run; this one only looks on.
 * - `readonly`: what made the run has changed; `reason` says what. It can be read and exported.
 */
export type RunState =
	| { readonly phase: 'loading'; readonly progress?: ModelProgress }
	| { readonly phase: 'idle' | 'running' | 'pausing' | 'paused' | 'finished' | 'watching' }
	| { readonly phase: 'readonly' | 'failed'; readonly reason: string };

/** What a run tells those who look on, in order. */
export type RunUpdate =
	| { readonly type: 'state'; readonly state: RunState }
	| ({ readonly type: 'event'; readonly event: SearchEvent } & SearchId)
	/** Text that is being written; it is superseded by the event of its step. */
	| ({
			readonly type: 'text';
			readonly kind: 'agent' | 'user';
			readonly path: string;
			readonly turn: number;
			readonly text: string;
	  } & SearchId)
	/** A scenario that could not be searched to its end, or not be read; the others go on. */
	| ({ readonly type: 'failure'; readonly reason: string } & SearchId)
	/** What a model did otherwise than it was asked; each is told once. */
	| { readonly type: 'warning'; readonly warning: string }
	/** What of the stored run cannot be read and belongs to no scenario, in sentences. */
	| { readonly type: 'damage'; readonly damage: readonly string[] }
	| { readonly type: 'progress'; readonly progress: RunProgress };

export interface ExportedFile {
	readonly name: string;
	readonly mediaType: string;
	readonly content: Blob;
}

export interface PlainExport {
	/** sft.jsonl, kto.jsonl, dpo.jsonl, manifest.json, events.jsonl. */
	readonly files: readonly ExportedFile[];
	/** The run's record and pack: with them beside the files, the run can be opened again. */
	readonly run: readonly ExportedFile[];
	readonly summary: HarvestSummary;
}

/** Counts of a harvest, as the demo's last line prints them. */
export interface HarvestSummary extends Pick<
	DatasetSummary,
	'scenarios' | 'withoutGoals' | 'unknown' | 'meanReward' | 'successRate' | 'examples' | 'tokens'
> {
	/** How many scenarios were asked for, where the split has fewer. */
	readonly scenariosAsked?: number;
	/** Completion tokens a second of running time; 0 if it never ran here. */
	readonly tokensPerSecond: number;
	/** What is lost of the run, in sentences; a command ends with a failure for it. */
	readonly lost: readonly string[];
	/** What is unfinished, and what a rule left out, in sentences. */
	readonly leftOut: readonly string[];
	/** Of plain files, what `datasets` reads as something else than was written, in sentences; a dataset's report has its own. */
	readonly columns: readonly string[];
}

export interface EnvironmentSummary {
	readonly id: string;
	readonly title: string;
	readonly hash: string;
	readonly scenarios: readonly {
		readonly id: string;
		readonly split: 'train' | 'val' | 'test';
		readonly domains: readonly string[];
		readonly goals: number;
		readonly userGoals: readonly string[];
	}[];
}

/** A scenario of a run, as the page shows it. */
export interface ScenarioFacts {
	readonly id: string;
	readonly split: 'train' | 'val' | 'test';
	readonly domains: readonly string[];
	readonly userGoals: readonly string[];
	/** What the agent is told before anything is said. */
	readonly agentPrompt: string;
	/** What the run's reward has to give. */
	readonly goals: readonly RewardGoal[];
}

/** Which dataset is written. Plain JSON. */
export interface DatasetChoices {
	/** Ids of formats; see `harvest/formats`. */
	readonly formats: readonly string[];
	readonly curation: CurationOptions;
	/** What rows call the thoughts of the agent, where trainers have a place for them; absent if they are left out. */
	readonly thoughts?: ThoughtMember;
	/**
	 * The model that will be trained; rows that its chat template spoils are left out. Without one rows are tried with the embedded model,
	 * and what its template makes of them is only told.
	 */
	readonly target?: TargetChoice;
}

/** A model that is to be trained, by its files. */
export type TargetChoice =
	| {
			readonly kind: 'files';
			/** As trainers find it, e.g. `Qwen/Qwen3-0.6B`; may be empty. */
			readonly name: string;
			readonly files: TokenizerFiles;
	  }
	| { readonly kind: 'gguf'; readonly name: string; readonly file: Blob };

export interface DatasetOutcome {
	readonly summary: HarvestSummary;
	readonly report: CheckReport;
	/** The dataset as a ZIP archive, if no target was named for it. */
	readonly archive?: Blob;
}

export interface StartOptions {
	/** Engines side by side; requests side by side where the model is on a server. */
	readonly workers: number;
	/** Where to have the run's models from, now and later, if not from where its record says: a server may have moved. */
	readonly sources?: RoleModels<ModelSource>;
}

/** How things stand beside the one run that is watched; asked for now and then. */
export interface TabStatus {
	/** The run that this tab is running. */
	readonly runningHere?: string;
	/** Runs that other tabs are running. */
	readonly runningElsewhere: readonly string[];
	/** Why what is stored does not last, or may be lost already, and what to do; absent as long as all is well. */
	readonly storageProblem?: string;
}

/** What the page and the headless commands ask of the worker that conducts runs. */
export interface RunService {
	/** The environment that new runs use, unless they name another. */
	environment(): Promise<EnvironmentSummary>;
	/** Newest first. */
	list(): Promise<RunRecord[]>;
	/** Stored runs that cannot be read any more. */
	damagedRuns(): Promise<DamagedRun[]>;
	status(): Promise<TabStatus>;
	/** Says with which key to ask a server from now on; kept in memory only. */
	useKey(address: string, key: string | undefined): Promise<void>;
	/**
	 * Loads models, which then wait for a run. Whoever makes a run without that waits there, untold.
	 * @throws {ModelLoadError}
	 * @throws an `AbortError` after `cancelLoading` or another `load`
	 */
	load(
		sources: RoleModels<ModelSource>,
		onProgress: (progress: ModelProgress) => void
	): Promise<RoleModels<ModelIdentity>>;
	cancelLoading(): Promise<void>;
	/** @throws {StoreError} if there is no such run, or its record cannot be read */
	get(id: string): Promise<RunRecord>;
	/**
	 * @param sources the models; by default the embedded one in both roles
	 * @param pack JSON text of the environment pack; by default that of `environment`
	 */
	create(config: RunConfig, sources?: RoleModels<ModelSource>, pack?: string): Promise<RunRecord>;
	/** A run made elsewhere (an archive, a folder on disk), with its events. @param pack JSON text; not needed if it is known here */
	import(record: RunRecord, events: readonly ScenarioEvent[], pack?: string): Promise<void>;
	delete(id: string): Promise<void>;
	/** As far as they can be read; `watch` tells of what cannot. */
	events(id: string): Promise<ScenarioEvent[]>;
	/** The environment pack's JSON text. */
	pack(id: string): Promise<string>;
	/** The scenarios of a run, in its order. */
	scenarios(id: string): Promise<readonly ScenarioFacts[]>;
	/** The agent's view of a scenario's golden path; `undefined` if there is none (yet). */
	goldenConversation(id: string, scenario: string): Promise<readonly Message[] | undefined>;
	/** Runs or continues it until it is finished, paused or failed. */
	start(id: string, options: StartOptions): Promise<void>;
	/** Resolves when every finished step is stored; steps cut off are taken again later. */
	pause(): Promise<void>;
	/** Updates of one run, of whatever tab writes it, until `unwatch`. Begins with its state and progress. */
	watch(id: string, onUpdate: (update: RunUpdate) => void): Promise<void>;
	unwatch(): Promise<void>;
	/** What a person says of a scenario's conversation; nothing takes it back. */
	rate(id: string, scenario: string, rating: Rating | undefined): Promise<void>;
	/** What is there so far, as the published code would have it. */
	export(id: string): Promise<PlainExport>;
	/** Looks at the dataset of what is there so far, and writes nothing. @throws as `exportDataset` */
	checkDataset(
		id: string,
		choices: DatasetChoices,
		onProgress: (progress: DatasetProgress) => void
	): Promise<DatasetOutcome>;
	/**
	 * Writes the dataset folder of what is there so far.
	 * @param target a folder to write it into, or a file that becomes a ZIP archive of it; picked by the user, or of the origin's private
	 * file system. Without one the archive is part of the outcome
	 * @throws an `AbortError` after `cancelExport`
	 */
	exportDataset(
		id: string,
		choices: DatasetChoices,
		target: FileSystemHandle | undefined,
		onProgress: (progress: DatasetProgress) => void
	): Promise<DatasetOutcome>;
	cancelExport(): Promise<void>;
}
