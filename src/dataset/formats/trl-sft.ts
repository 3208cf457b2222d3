import type { DatasetFormat } from '../format.ts';
import { hubPath } from '../folder.ts';
import { metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';
import { conversationColumn } from './target-column.ts';

/** TRL conversational language modelling: `messages`, `tools`. For `SFTTrainer`. */
export const trlSft: DatasetFormat = {
	id: 'trl-sft/1',
	label: 'SFT: golden paths (TRL)',
	fileName: 'sft.jsonl',
	pathOf: (split) => hubPath('sft', split),
	features: trlFeatures('messages'),
	takesThoughts: true,
	kinds: ['sft'],
	encode(example, context) {
		if (example.kind !== 'sft') return [];
		return writeRow(example, () => ({
			messages: conversationColumn(example.messages, context),
			tools: toolsColumn(context.tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
