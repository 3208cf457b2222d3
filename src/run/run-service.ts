import type { DatasetSummary } from '../harvest/summary.ts';
import type { SearchEvent } from '../search/events.ts';
import type { RunConfig } from '../search/run-config.ts';
import type { RunRecord, ScenarioEvent } from '../store/run-store.ts';

/** Figures of a run, for the screen. Everything here can be derived again; none of it is stored. */
export interface RunProgress {
	readonly scenariosTotal: number;
	readonly scenariosDone: number;
	/** Scenarios that earned every goal, of those done. */
	readonly successes: number;
	/** Mean reward of those done. */
	readonly meanReward: number;
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
	| { readonly phase: 'idle' | 'loading' | 'running' | 'pausing' | 'paused' | 'finished' | 'watching' }
	| { readonly phase: 'readonly' | 'failed'; readonly reason: string };

/** What a run tells those who look on, in order. */
export type RunUpdate =
	| { readonly type: 'state'; readonly state: RunState }
	| { readonly type: 'event'; readonly scenario: string; readonly event: SearchEvent }
	/** Text that is being written; it is superseded by the event of its step. */
	| {
			readonly type: 'text';
			readonly scenario: string;
			readonly kind: 'agent' | 'user';
			readonly path: string;
			readonly turn: number;
			readonly text: string;
	  }
	/** A scenario that could not be searched to its end; the others go on. */
	| { readonly type: 'failure'; readonly scenario: string; readonly reason: string }
	| { readonly type: 'progress'; readonly progress: RunProgress };

export interface ExportedFile {
	readonly name: string;
	readonly mediaType: string;
	readonly content: Blob;
}

/** Counts of a harvest, as the demo's last line prints them. */
export interface HarvestSummary extends Pick<
	DatasetSummary,
	'scenarios' | 'meanReward' | 'successRate' | 'examples' | 'tokens'
> {
	/** Completion tokens a second of running time; 0 if it never ran here. */
	readonly tokensPerSecond: number;
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

/** What the page and the headless commands ask of the worker that conducts runs. */
export interface RunService {
	environment(): Promise<EnvironmentSummary>;
	list(): Promise<RunRecord[]>;
	create(config: RunConfig): Promise<RunRecord>;
	/** A run made elsewhere (an archive, a folder on disk), with its events; its pack must be a known one. */
	import(record: RunRecord, events: readonly ScenarioEvent[]): Promise<void>;
	delete(id: string): Promise<void>;
	events(id: string): Promise<ScenarioEvent[]>;
	/** The environment pack's JSON text. */
	pack(id: string): Promise<string>;
	/** Runs or continues it until it is finished, paused or failed; `workers` engines side by side. */
	start(id: string, options: { readonly workers: number }): Promise<void>;
	/** Resolves when every finished step is stored; steps cut off are taken again later. */
	pause(): Promise<void>;
	/** Updates of one run, of whatever tab writes it, until `unwatch`. Begins with its state and progress. */
	watch(id: string, onUpdate: (update: RunUpdate) => void): Promise<void>;
	unwatch(): Promise<void>;
	/** sft.jsonl, kto.jsonl, dpo.jsonl, manifest.json, events.jsonl of what is there so far. */
	export(id: string): Promise<{ readonly files: readonly ExportedFile[]; readonly summary: HarvestSummary }>;
}
