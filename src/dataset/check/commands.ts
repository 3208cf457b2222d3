import type { Suggestions } from './suggestions.ts';
import { trlCommand } from './trl-command.ts';
import { axolotlCommand, llamaFactoryCommand } from './yaml-commands.ts';

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

export interface CommandInput {
	/** Files of the dataset folder that hold rows (`folder.ts`). */
	readonly paths: readonly string[];
	/** Name or path of the model to train, as Hugging Face's `from_pretrained` takes it; a placeholder stands for none. */
	readonly model?: string;
	readonly suggestions: Suggestions;
}

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

const placeholder = 'YOUR_BASE_MODEL';

/** TRL's first, then LLaMA-Factory's and Axolotl's; only for what the folder holds rows to train on. */
export function trainingCommands(input: CommandInput): TrainingCommand[] {
	return [
		...commandsOf(input, /^(\w+)\/train-[^/]*\.jsonl$/, trlCommand, (path) =>
			path.replace('/train-', '/test-')
		),
		...commandsOf(input, /^llamafactory\/(sft|ranking|kto)\.jsonl$/, llamaFactoryCommand, besideTest),
		...commandsOf(input, /^axolotl\/(sft|dpo|kto)\.jsonl$/, axolotlCommand, besideTest)
	];
}

function besideTest(path: string): string {
	return path.replace('.jsonl', '.test.jsonl');
}

function commandsOf(
	{ paths, model = placeholder, suggestions }: CommandInput,
	pattern: RegExp,
	commandOf: (job: TrainingJob) => TrainingCommand | undefined,
	testPathOf: (path: string) => string
): TrainingCommand[] {
	return paths.flatMap((path) => {
		const configuration = pattern.exec(path)?.[1];
		if (configuration === undefined) return [];
		const testPath = testPathOf(path);
		const job = { configuration, path, model, suggestions };
		return commandOf(paths.includes(testPath) ? { ...job, testPath } : job) ?? [];
	});
}
