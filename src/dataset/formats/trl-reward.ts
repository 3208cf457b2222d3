import { hubPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { metaColumn, toolsColumn, trlFeatures } from './columns.ts';
import { writeRow } from './row.ts';
import { conversationColumn } from './target-column.ts';

/** TRL conversational preference with implicit prompt: `chosen` and `rejected` are whole conversations, `tools`. For `RewardTrainer`. */
export const trlReward: DatasetFormat = {
	id: 'trl-reward/1',
	label: 'Reward model: pairs of conversations (TRL)',
	fileName: 'reward.jsonl',
	pathOf: (split) => hubPath('reward', split),
	features: trlFeatures('chosen', 'rejected'),
	takesThoughts: true,
	kinds: ['dpo'],
	encode(example, context) {
		if (example.kind !== 'dpo') return [];
		return writeRow(example, () => ({
			chosen: conversationColumn([...example.prompt, example.chosen], context),
			rejected: conversationColumn([...example.prompt, example.rejected], context),
			tools: toolsColumn(context.tools),
			meta: metaColumn(example.origin)
		}));
	},
	sideFiles: () => []
};
