import type { Rating } from '../dataset/curation/curation.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { BadCause } from '../harvest/labels.ts';
import type { SearchSummary } from '../harvest/search-summary.ts';
import type { Cause } from '../evaluation/cause.ts';
import type { SearchEvent } from '../search/events.ts';
import type { SearchId } from '../search/run.ts';
import type { RunConfig } from '../search/run-config.ts';
import type { Message } from '../dialogue/message.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';
import type { DamagedRun, RunRecord, ScenarioEvent } from '../store/run-store.ts';
import type { DatasetService } from './dataset-service.ts';
import type { ModelService } from './model-service.ts';
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
	/** A search has ended; its summary is stored. */
	| ({ readonly type: 'ended'; readonly summary: SearchSummary } & SearchId)
	/** Scenarios whose events had to be read, of those: a run that was made before there were summaries is read whole, once. */
	| { readonly type: 'reading'; readonly done: number; readonly of: number }
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

/** Which environment: one of those that are offered, or a pack in JSON text. */
export type EnvironmentChoice = { readonly name: string } | { readonly pack: string };

export interface EnvironmentSummary {
	readonly id: string;
	readonly title: string;
	readonly hash: string;
	readonly scenarios: readonly {
		readonly id: string;
		readonly split: 'train' | 'val' | 'test';
		readonly domains: readonly string[];
		/** Goals that are calls. */
		readonly goals: number;
		/** Goals that are words. */
		readonly says: number;
		readonly userGoals: readonly string[];
	}[];
}

/**
 * How a search stands.
 * - `waiting`: not begun. `begun`: it has events, and has not ended.
 * - `passed`, `partial`, `failed`: it earned all, some or no goals, or what the reward that scores says. `unknown`: it cannot be said.
 * - `no goals`: it had none to earn. `error`: it ended with an exception, or cannot be read.
 */
export type SearchStanding =
	'waiting' | 'begun' | 'passed' | 'partial' | 'failed' | 'unknown' | 'no goals' | 'error';

/** A search in a list. */
export interface SearchRow extends SearchId {
	readonly standing: SearchStanding;
	/** Of those that the run's reward has to give; known of searches that have ended. */
	readonly earned: number;
	readonly goals: number;
	/** How many there are; known of searches that have ended. */
	readonly events?: number;
}

/** What searches of a run are wanted: those for which all that is said holds. Those that have not ended are never found. */
export interface SearchQuery {
	/** Words that begin so are in the search's conversations, all of them, in whatever order. */
	readonly words?: string;
	readonly outcome?: SearchStanding;
	/** Why a branch missed a goal. */
	readonly cause?: Cause;
	/** It has an agent message of that label. */
	readonly label?: 'good' | 'unused' | BadCause;
	readonly rating?: Rating | 'none';
	/** The name of a tool that was called. */
	readonly tool?: string;
	/** Whether a step failed. */
	readonly error?: boolean;
}

/** What there is to ask for in a run, and how many searches have it. */
export interface Facets {
	/** Searches that have ended; everything here is about these. */
	readonly ended: number;
	readonly outcomes: { readonly [outcome: string]: number };
	readonly causes: { readonly [cause: string]: number };
	readonly labels: { readonly [label: string]: number };
	readonly ratings: { readonly [rating: string]: number };
	readonly tools: { readonly [name: string]: number };
	/** Searches in which a step failed. */
	readonly errors: number;
	/** Examples that they give with the paper's rules, before curation: what a person rated bad is left out. */
	readonly examples: { readonly sft: number; readonly good: number; readonly bad: number };
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

/** A scenario of a run with all that is stored of it. */
export interface StoredScenario {
	readonly facts: ScenarioFacts;
	/** Of all trials, one after the other, up to what cannot be read. */
	readonly events: readonly ScenarioEvent[];
	/** What of it cannot be read, in sentences. */
	readonly damage: readonly string[];
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
	readonly models: ModelService;
	readonly datasets: DatasetService;
	/** Names of the environments that new runs are offered; the first one is for runs that name none. */
	environments(): Promise<readonly string[]>;
	/** @param name one of `environments`; the first one by default */
	environment(name?: string): Promise<EnvironmentSummary>;
	/** Newest first. */
	list(): Promise<RunRecord[]>;
	/** Stored runs that cannot be read any more. */
	damagedRuns(): Promise<DamagedRun[]>;
	status(): Promise<TabStatus>;
	/** @throws {StoreError} if there is no such run, or its record cannot be read */
	get(id: string): Promise<RunRecord>;
	/**
	 * @param sources the models; by default the embedded one in both roles
	 * @param environment the first of `environments` by default
	 */
	create(
		config: RunConfig,
		sources?: RoleModels<ModelSource>,
		environment?: EnvironmentChoice
	): Promise<RunRecord>;
	/** A run made elsewhere (an archive, a folder on disk), with its events. @param pack JSON text; not needed if it is known here */
	import(record: RunRecord, events: readonly ScenarioEvent[], pack?: string): Promise<void>;
	delete(id: string): Promise<void>;
	/** Of one scenario or, only for small runs, of all: as far as they can be read. @throws {StoreError} if there is no such scenario */
	events(id: string, scenario?: string): Promise<ScenarioEvent[]>;
	/** All searches of a run, in its order. */
	rows(id: string): Promise<readonly SearchRow[]>;
	facets(id: string): Promise<Facets>;
	/** In the order of `rows`. */
	find(id: string, query: SearchQuery): Promise<readonly SearchId[]>;
	/** The environment pack's JSON text. */
	pack(id: string): Promise<string>;
	/** @throws {StoreError} if there is no such scenario in the run, or in its environment */
	scenario(id: string, scenario: string): Promise<StoredScenario>;
	/** The agent's view of a scenario's golden path; `undefined` if there is none (yet). */
	goldenConversation(id: string, scenario: string): Promise<readonly Message[] | undefined>;
	/** Runs or continues it until it is finished, paused or failed. */
	start(id: string, options: StartOptions): Promise<void>;
	/** Resolves when every finished step is stored; steps cut off are taken again later. */
	pause(): Promise<void>;
	/**
	 * Updates of one run, of whatever tab writes it. Begins with its state and progress; several may watch.
	 * @returns ends it
	 */
	watch(id: string, onUpdate: (update: RunUpdate) => void): Promise<() => void | Promise<void>>;
	/** What a person says of a scenario's conversation; nothing takes it back. */
	rate(id: string, scenario: string, rating: Rating | undefined): Promise<void>;
}
