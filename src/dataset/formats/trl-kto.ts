import type { DatasetFormat } from '../format.ts';
import { hubPath } from '../folder.ts';
import { metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';
import { answerColumn, conversationColumn } from './target-column.ts';

/** TRL conversational unpaired preference: `prompt`, `completion`, `label`, `tools`. For `KTOTrainer` and `BCOTrainer`. */
export const trlKto: DatasetFormat = {
	id: 'trl-kto/1',
	label: 'KTO: good and bad messages (TRL)',
	fileName: 'kto.jsonl',
	pathOf: (split) => hubPath('kto', split),
	features: trlFeatures('prompt', 'completion', 'label'),
	takesThoughts: true,
	kinds: ['kto'],
	encode(example, context) {
		if (example.kind !== 'kto') return [];
		return writeRow(example, () => ({
			prompt: conversationColumn(example.prompt, context),
			completion: answerColumn(example.prompt, example.completion, context),
			label: example.label,
			tools: toolsColumn(context.tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
