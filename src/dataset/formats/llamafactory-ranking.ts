import type { DatasetFormat } from '../format.ts';
import { metaColumn } from './columns.ts';
import {
	conversationCell,
	conversationColumns,
	llamafactoryProblems,
	toolsText
} from './llamafactory-columns.ts';
import { llamafactoryInfo, llamafactoryPath } from './llamafactory-info.ts';
import { writeRow } from './row.ts';

/** LLaMA-Factory `stage: dpo` and `stage: rm`: `conversations` (the prompt), `chosen`, `rejected`, `system`, `tools`. */
export const llamafactoryRanking: DatasetFormat = {
	id: 'llamafactory-ranking/1',
	label: 'DPO: pairs where siblings part (LLaMA-Factory)',
	fileName: 'llamafactory-ranking.jsonl',
	pathOf: (split) => llamafactoryPath('ranking', split),
	kinds: ['dpo'],
	encode(example, { tools }) {
		if (example.kind !== 'dpo') return [];
		return writeRow(
			example,
			() => ({
				...conversationColumns(example.prompt),
				chosen: conversationCell(example.chosen),
				rejected: conversationCell(example.rejected),
				tools: toolsText(tools),
				meta: metaColumn(example.origin)
			}),
			llamafactoryProblems(example)
		);
	},
	sideFiles: llamafactoryInfo
};
