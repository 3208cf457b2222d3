import type { Suggestions } from './suggestions.ts';

/** What is trained on. */
export interface TrainingJob {
	readonly configuration: string;
	/** Rows to learn from. */
	readonly path: string;
	/** Rows held back. */
	readonly testPath?: string;
	readonly model: string;
	readonly suggestions: Suggestions;
}

/** How to train on one part of a dataset folder. Plain JSON. */
export interface TrainingCommand {
	readonly trainer: 'TRL' | 'LLaMA-Factory' | 'Axolotl';
	/** The part: `sft`, `prompt_completion`, `dpo`, `kto`, `reward`; of LLaMA-Factory `ranking` for pairs. */
	readonly configuration: string;
	/** For a POSIX shell, in the dataset folder. */
	readonly command: string;
	/** The file that the command reads; it is not there until someone writes it. */
	readonly settings?: { readonly path: string; readonly text: string };
}
