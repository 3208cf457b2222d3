import { hubPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { messagesColumn, metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';

/** TRL conversational preference with implicit prompt: `chosen` and `rejected` are whole conversations, `tools`. For `RewardTrainer`. */
export const trlReward: DatasetFormat = {
	id: 'trl-reward/1',
	label: 'Reward model: pairs of conversations (TRL)',
	fileName: 'reward.jsonl',
	pathOf: (split) => hubPath('reward', split),
	features: trlFeatures('chosen', 'rejected'),
	takesThoughts: true,
	kinds: ['dpo'],
	encode(example, { tools, thoughts }) {
		if (example.kind !== 'dpo') return [];
		return writeRow(example, () => ({
			chosen: messagesColumn([...example.prompt, example.chosen], { thoughts }),
			rejected: messagesColumn([...example.prompt, example.rejected], { thoughts }),
			tools: toolsColumn(tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
