import { chatmlGenerationPrompt, writeChatml, writeChatmlMessage } from '../../dialogue/chatml.ts';
import { hermesMessages } from '../../dialogue/hermes-write.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { trainerPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { hermesProblems, hermesText, hermesTools } from './hermes-text.ts';
import { writeRow } from './row.ts';
import { messagesOf } from './example-problems.ts';

/**
 * Axolotl `rl: kto`: `prompt`, `completion`, `label`, all of it text, for Axolotl's KTO knows no chat templates. The text is ChatML with
 * Hermes calls, so this is for models that speak it, such as Qwen's; others train with TRL's file.
 */
export const axolotlKto: DatasetFormat = {
	id: 'axolotl-kto/1',
	label: 'KTO: good and bad messages, ChatML (Axolotl)',
	fileName: 'axolotl-kto.jsonl',
	pathOf: (split) => trainerPath('axolotl', 'kto', split),
	kinds: ['kto'],
	encode(example, { tools }) {
		if (example.kind !== 'kto') return [];
		const { prompt, completion, label } = example;
		const toolsSection = hermesTools(tools);
		return writeRow(
			example,
			() => ({
				prompt: writeChatml(hermesMessages(prompt, toolsSection)) + chatmlGenerationPrompt,
				completion: answerText(hermesText(completion)),
				label
			}),
			problemsOf(example, toolsSection)
		);
	},
	sideFiles: () => []
};

/** What the answer adds to the prompt, less the line break that only a next message needs. */
function answerText(content: string): string {
	return writeChatmlMessage({ role: 'assistant', content }).slice(chatmlGenerationPrompt.length, -1);
}

const control = /<\|im_(?:start|end)\|>/;

function* problemsOf(example: TrainingExample, toolsSection: string): Generator<string> {
	yield* hermesProblems(example);
	if (control.test(toolsSection)) yield 'tools: hold a control token of ChatML';
	for (const { place, message } of messagesOf(example)) {
		if (control.test(hermesMessages([message])[0]!.content))
			yield `${place}: holds a control token of ChatML`;
	}
}
