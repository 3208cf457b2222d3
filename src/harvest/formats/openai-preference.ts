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
		return writeRow(
			example,
			() => ({
				input: { messages: openaiMessages(prompt), ...openaiTools(tools) },
				preferred_output: openaiMessages([chosen]),
				non_preferred_output: openaiMessages([rejected])
			}),
			openaiProblems(example)
		);
	},
	sideFiles: () => []
};
