import { hubPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { messagesColumn, metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';

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
	encode(example, { tools, thoughts }) {
		if (example.kind !== 'kto' || !example.label) return [];
		return writeRow(example, () => ({
			prompt: messagesColumn(example.prompt, { thoughts }),
			completion: messagesColumn([example.completion], { thoughts }),
			tools: toolsColumn(tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
