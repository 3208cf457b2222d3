import { ToolNames } from '../../dialogue/tool-names.ts';
import { trainerPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { openaiMessages, openaiProblems, openaiTools } from './openai-columns.ts';
import { writeRow } from './row.ts';

/**
 * OpenAI preference fine-tuning: `input` of `messages`, `tools` and `parallel_tool_calls`, `preferred_output` and
 * `non_preferred_output` of one assistant message each, which is all that Fireworks takes.
 */
export const openaiPreference: DatasetFormat = {
	id: 'openai-preference/1',
	label: 'DPO: pairs where siblings part (OpenAI)',
	fileName: 'openai-preference.jsonl',
	pathOf: (split) => trainerPath('openai', 'preference', split),
	kinds: ['dpo'],
	encode(example, { tools }) {
		if (example.kind !== 'dpo') return [];
		const { prompt, chosen, rejected } = example;
		const names = new ToolNames(tools);
		return writeRow(
			example,
			() => ({
				input: { messages: openaiMessages(prompt, names), ...openaiTools(tools, names) },
				preferred_output: openaiMessages([chosen], names),
				non_preferred_output: openaiMessages([rejected], names)
			}),
			openaiProblems(example, names)
		);
	},
	toolNames: (tools) => new ToolNames(tools).changes,
	sideFiles: () => []
};
