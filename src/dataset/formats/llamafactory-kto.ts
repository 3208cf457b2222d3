import type { DatasetFormat } from '../format.ts';
import { metaColumn } from './columns.ts';
import { conversationColumns, llamafactoryProblems, toolsText } from './llamafactory-columns.ts';
import { llamafactoryInfo, llamafactoryPath } from './llamafactory-info.ts';
import { writeRow } from './row.ts';

/** LLaMA-Factory `stage: kto`: `conversations`, of which the last message is judged, `kto_tag`, `system`, `tools`. */
export const llamafactoryKto: DatasetFormat = {
	id: 'llamafactory-kto/1',
	label: 'KTO: good and bad messages (LLaMA-Factory)',
	fileName: 'llamafactory-kto.jsonl',
	pathOf: (split) => llamafactoryPath('kto', split),
	kinds: ['kto'],
	encode(example, { tools }) {
		if (example.kind !== 'kto') return [];
		return writeRow(
			example,
			() => ({
				...conversationColumns([...example.prompt, example.completion]),
				kto_tag: example.label,
				tools: toolsText(tools),
				meta: metaColumn(example.origin)
			}),
			llamafactoryProblems(example)
		);
	},
	sideFiles: llamafactoryInfo
};
