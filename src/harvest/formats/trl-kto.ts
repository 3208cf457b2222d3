import type { DatasetFormat } from '../format.ts';
import { hubPath } from '../folder.ts';
import { messagesColumn, metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';

/** TRL conversational unpaired preference: `prompt`, `completion`, `label`, `tools`. For `KTOTrainer` and `BCOTrainer`. */
export const trlKto: DatasetFormat = {
	id: 'trl-kto/1',
	label: 'KTO: good and bad messages (TRL)',
	fileName: 'kto.jsonl',
	pathOf: (split) => hubPath('kto', split),
	features: trlFeatures('prompt', 'completion', 'label'),
	takesThoughts: true,
	kinds: ['kto'],
	encode(example, { tools, thoughts }) {
		if (example.kind !== 'kto') return [];
		return writeRow(example, () => ({
			prompt: messagesColumn(example.prompt, { thoughts }),
			completion: messagesColumn([example.completion], { thoughts }),
			label: example.label,
			tools: toolsColumn(tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
