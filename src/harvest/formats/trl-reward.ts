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
	kinds: ['dpo'],
	encode(example, { tools }) {
		if (example.kind !== 'dpo') return [];
		return writeRow(example, () => ({
			chosen: messagesColumn([...example.prompt, example.chosen]),
			rejected: messagesColumn([...example.prompt, example.rejected]),
			tools: toolsColumn(tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
