import type { DatasetFormat } from '../format.ts';
import { hubPath } from '../folder.ts';
import { messagesColumn, metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';

/** TRL conversational preference with explicit prompt: `prompt`, `chosen`, `rejected`, `tools`. For `DPOTrainer` and its kin. */
export const trlDpo: DatasetFormat = {
	id: 'trl-dpo/1',
	label: 'DPO: pairs where siblings part (TRL)',
	fileName: 'dpo.jsonl',
	pathOf: (split) => hubPath('dpo', split),
	features: trlFeatures('prompt', 'chosen', 'rejected'),
	takesThoughts: true,
	kinds: ['dpo'],
	encode(example, { tools, thoughts }) {
		if (example.kind !== 'dpo') return [];
		return writeRow(example, () => ({
			prompt: messagesColumn(example.prompt, { thoughts }),
			chosen: messagesColumn([example.chosen], { thoughts }),
			rejected: messagesColumn([example.rejected], { thoughts }),
			tools: toolsColumn(tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
