import type { DatasetFormat } from '../format.ts';
import { hubPath } from '../folder.ts';
import { metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';
import { answerColumn, conversationColumn } from './target-column.ts';

/** TRL conversational preference with explicit prompt: `prompt`, `chosen`, `rejected`, `tools`. For `DPOTrainer` and its kin. */
export const trlDpo: DatasetFormat = {
	id: 'trl-dpo/1',
	label: 'DPO: pairs where siblings part (TRL)',
	fileName: 'dpo.jsonl',
	pathOf: (split) => hubPath('dpo', split),
	features: trlFeatures('prompt', 'chosen', 'rejected'),
	takesThoughts: true,
	kinds: ['dpo'],
	encode(example, context) {
		if (example.kind !== 'dpo') return [];
		return writeRow(example, () => ({
			prompt: conversationColumn(example.prompt, context),
			chosen: answerColumn(example.prompt, example.chosen, context),
			rejected: answerColumn(example.prompt, example.rejected, context),
			tools: toolsColumn(context.tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
