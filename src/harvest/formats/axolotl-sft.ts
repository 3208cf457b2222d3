import { trainerPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { messagesColumn, toolsColumn } from './columns.ts';
import { writeRow } from './row.ts';

/** Axolotl `type: chat_template`: `messages`, `tools`; the model's own chat template writes the calls. */
export const axolotlSft: DatasetFormat = {
	id: 'axolotl-sft/1',
	label: 'SFT: golden paths (Axolotl)',
	fileName: 'axolotl-sft.jsonl',
	pathOf: (split) => trainerPath('axolotl', 'sft', split),
	kinds: ['sft'],
	encode(example, { tools }) {
		if (example.kind !== 'sft') return [];
		return writeRow(example, () => ({
			messages: messagesColumn(example.messages),
			tools: toolsColumn(tools)
		}));
	},
	sideFiles: () => []
};
