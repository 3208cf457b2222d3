import type { CheckReport } from '../dataset/check/self-check.ts';
import type { TokenizerFiles } from '../dataset/check/target-files.ts';
import type { CurationOptions } from '../dataset/curation/curation.ts';
import type { DatasetProgress } from '../dataset/dataset.ts';
import type { WrittenFile } from '../dataset/sink.ts';
import type { DatasetSummary } from '../dataset/summary.ts';
import type { ThoughtMember } from '../dataset/thoughts.ts';

export interface PlainExport {
	/** sft.jsonl, kto.jsonl, dpo.jsonl, manifest.json, events.jsonl. */
	readonly files: readonly WrittenFile[];
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

/** Which dataset is written. Plain JSON. */
export interface DatasetChoices {
	/** Ids of formats; see `dataset/formats`. */
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

/** Files made of stored runs, of what is there so far. */
export interface DatasetService {
	/** The three plain files, as the published code would have them. */
	export(id: string): Promise<PlainExport>;
	/** These and the run's record and pack as a ZIP archive, which opens again like a dataset. */
	exportArchive(id: string): Promise<{ readonly archive: Blob; readonly summary: HarvestSummary }>;
	/** Looks at the dataset, and writes nothing. @throws as `exportDataset` */
	checkDataset(
		id: string,
		choices: DatasetChoices,
		onProgress?: (progress: DatasetProgress) => void,
		signal?: AbortSignal
	): Promise<DatasetOutcome>;
	/**
	 * Writes the dataset folder.
	 * @param target a folder to write it into, or a file that becomes a ZIP archive of it; picked by the user, or of the origin's private
	 * file system. Without one the archive is part of the outcome
	 * @throws an `AbortError` after `signal` aborts
	 */
	exportDataset(
		id: string,
		choices: DatasetChoices,
		target?: FileSystemHandle,
		onProgress?: (progress: DatasetProgress) => void,
		signal?: AbortSignal
	): Promise<DatasetOutcome>;
}
