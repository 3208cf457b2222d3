import { jsonText } from '../../base/json.ts';
import { writeArguments } from '../../dialogue/call-arguments.ts';
import { trainerPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { toolsColumn } from './columns.ts';
import { writeRow } from './row.ts';
import { conversationColumn } from './target-column.ts';

/**
 * Axolotl `type: chat_template`: `messages`, `tools`; the model's own chat template writes the calls. `arguments` and `parameters` are JSON
 * text, which Axolotl reads before it renders (prompt_strategies/chat_template.py): it opens the file without the card, so as objects
 * their values would be typed by `datasets`. Of other members it hands on `reasoning_content`, and those that the chat template names.
 */
export const axolotlSft: DatasetFormat = {
	id: 'axolotl-sft/2',
	label: 'SFT: golden paths (Axolotl)',
	fileName: 'axolotl-sft.jsonl',
	pathOf: (split) => trainerPath('axolotl', 'sft', split),
	takesThoughts: true,
	kinds: ['sft'],
	encode(example, context) {
		if (example.kind !== 'sft') return [];
		return writeRow(example, () => ({
			messages: conversationColumn(example.messages, context, writeArguments),
			tools: toolsColumn(context.tools, jsonText)
		}));
	},
	sideFiles: () => []
};
