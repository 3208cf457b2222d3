import { chatmlGenerationPrompt, writeChatml } from '../../dialogue/chatml.ts';
import { hermesMessages } from '../../dialogue/hermes-write.ts';
import type { AssistantMessage } from '../../dialogue/message.ts';
import type { TrainingExample } from '../../harvest/examples.ts';
import { trainerPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { hermesProblems, hermesText, hermesTools } from './hermes-text.ts';
import { writeRow } from './row.ts';
import { answersOf } from './example-problems.ts';

/**
 * Axolotl `type: chat_template.default`: `messages` (the prompt), `chosen`, `rejected`. Axolotl takes role and content of each message
 * and nothing else (prompt_strategies/dpo/chat_template.py), so tools, calls and results are Hermes text here.
 */
export const axolotlDpo: DatasetFormat = {
	id: 'axolotl-dpo/1',
	label: 'DPO: pairs where siblings part (Axolotl)',
	fileName: 'axolotl-dpo.jsonl',
	pathOf: (split) => trainerPath('axolotl', 'dpo', split),
	kinds: ['dpo'],
	encode(example, { tools }) {
		if (example.kind !== 'dpo') return [];
		return writeRow(
			example,
			() => ({
				messages: hermesMessages(example.prompt, hermesTools(tools)).map(({ role, content }) => ({
					role,
					content
				})),
				chosen: answerCell(example.chosen),
				rejected: answerCell(example.rejected)
			}),
			problemsOf(example)
		);
	},
	sideFiles: () => []
};

function answerCell(answer: AssistantMessage) {
	return { role: answer.role, content: hermesText(answer) };
}

/** What stands before an answer where Axolotl looks for it. */
const rendered = writeChatml([{ role: 'user', content: '[[dummy_message]]' }]) + chatmlGenerationPrompt;

function* problemsOf(example: TrainingExample): Generator<string> {
	yield* hermesProblems(example);
	for (const [name, answer] of answersOf(example)) {
		const text = hermesText(answer);
		// It cuts an answer out of rendered text at the first place where it finds it; templates trim, and nothing is found everywhere.
		if (text !== text.trim() || rendered.includes(text))
			yield `${name}: Axolotl would not find it in rendered text`;
	}
}
