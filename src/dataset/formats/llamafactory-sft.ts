import type { DatasetFormat } from '../format.ts';
import { metaColumn } from './columns.ts';
import { conversationColumns, llamafactoryProblems, toolsText } from './llamafactory-columns.ts';
import { llamafactoryInfo, llamafactoryPath } from './llamafactory-info.ts';
import { writeRow } from './row.ts';

/** LLaMA-Factory `stage: sft`: `conversations`, `system`, `tools`. */
export const llamafactorySft: DatasetFormat = {
	id: 'llamafactory-sft/1',
	label: 'SFT: golden paths (LLaMA-Factory)',
	fileName: 'llamafactory-sft.jsonl',
	pathOf: (split) => llamafactoryPath('sft', split),
	kinds: ['sft'],
	encode(example, { tools }) {
		if (example.kind !== 'sft') return [];
		return writeRow(
			example,
			() => ({
				...conversationColumns(example.messages),
				tools: toolsText(tools),
				meta: metaColumn(example.origin)
			}),
			llamafactoryProblems(example)
		);
	},
	sideFiles: llamafactoryInfo
};
