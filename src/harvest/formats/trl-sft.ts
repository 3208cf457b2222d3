import type { DatasetFormat } from '../format.ts';
import { hubPath } from '../folder.ts';
import { messagesColumn, metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';

/** TRL conversational language modelling: `messages`, `tools`. For `SFTTrainer`. */
export const trlSft: DatasetFormat = {
	id: 'trl-sft/1',
	label: 'SFT: golden paths (TRL)',
	fileName: 'sft.jsonl',
	pathOf: (split) => hubPath('sft', split),
	features: trlFeatures('messages'),
	takesThoughts: true,
	kinds: ['sft'],
	encode(example, { tools, thoughts }) {
		if (example.kind !== 'sft') return [];
		return writeRow(example, () => ({
			messages: messagesColumn(example.messages, { thoughts }),
			tools: toolsColumn(tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
