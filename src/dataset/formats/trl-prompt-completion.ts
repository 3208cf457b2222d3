import { hubPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';
import { answerColumn, conversationColumn } from './target-column.ts';

/**
 * TRL conversational prompt-completion: `prompt`, `completion`, `tools`. For `SFTTrainer`, which then learns the completion alone. One
 * row for each message of the golden path that the agent said: the good ones of KTO, and no other.
 */
export const trlPromptCompletion: DatasetFormat = {
	id: 'trl-prompt-completion/1',
	label: 'SFT: good messages, one by one (TRL)',
	fileName: 'prompt-completion.jsonl',
	pathOf: (split) => hubPath('prompt_completion', split),
	features: trlFeatures('prompt', 'completion'),
	takesThoughts: true,
	kinds: ['kto'],
	encode(example, context) {
		if (example.kind !== 'kto' || !example.label) return [];
		return writeRow(example, () => ({
			prompt: conversationColumn(example.prompt, context),
			completion: answerColumn(example.prompt, example.completion, context),
			tools: toolsColumn(context.tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
