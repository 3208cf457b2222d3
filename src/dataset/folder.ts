import type { DatasetSplit } from './format.ts';

/*
 * The dataset folder: as the Hugging Face Hub reads it by itself, and with what it takes to make it again.
 *
 *   README.md                              the card; names the configurations
 *   sft/train-00000-of-00001.jsonl         and test-…; the same for prompt_completion, dpo, kto, reward
 *   openai/ llamafactory/ axolotl/ hermes/ one folder for each other trainer, with the settings that its command reads
 *   run/run.json pack.json events.jsonl    the run itself: with these it can be replayed or continued
 *   run/manifest.json                      what is in the files, and what made them
 */

/** Of a configuration that the Hub knows; files there are named for splits and shards. */
export function hubPath(configuration: string, split: DatasetSplit): string {
	return `${configuration}/${split}-00000-of-00001.jsonl`;
}

/** Of a trainer that is told of files by name: `openai/sft.jsonl`, `openai/sft.test.jsonl`. */
export function trainerPath(trainer: string, kind: string, split: DatasetSplit): string {
	return `${trainer}/${kind}${split === 'test' ? '.test' : ''}.jsonl`;
}

export const runFolder = {
	record: 'run/run.json',
	pack: 'run/pack.json',
	events: 'run/events.jsonl',
	manifest: 'run/manifest.json'
} as const;
