import type { Suggestions } from './suggestions.ts';
import type { TrainingCommand, TrainingJob } from './training-command.ts';
import { trlCommand } from './trl-command.ts';
import { axolotlCommand, llamaFactoryCommand } from './yaml-commands.ts';

export interface CommandInput {
	/** Files of the dataset folder that hold rows (`folder.ts`). */
	readonly paths: readonly string[];
	/** Name or path of the model to train, as Hugging Face's `from_pretrained` takes it; a placeholder stands for none. */
	readonly model?: string;
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
