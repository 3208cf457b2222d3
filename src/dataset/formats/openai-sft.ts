import { ToolNames } from '../../dialogue/tool-names.ts';
import { trainerPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { openaiMessages, openaiProblems, openaiTools } from './openai-columns.ts';
import { writeRow } from './row.ts';

/**
 * OpenAI supervised fine-tuning: `messages`, `tools`, `parallel_tool_calls`; Azure, Together and Fireworks take the same. No message
 * has a `weight`: without one it is learnt, and on a golden path all of the agent's messages are to be.
 */
export const openaiSft: DatasetFormat = {
	id: 'openai-sft/1',
	label: 'SFT: golden paths (OpenAI)',
	fileName: 'openai-sft.jsonl',
	pathOf: (split) => trainerPath('openai', 'sft', split),
	kinds: ['sft'],
	encode(example, { tools }) {
		if (example.kind !== 'sft') return [];
		const names = new ToolNames(tools);
		return writeRow(
			example,
			() => ({ messages: openaiMessages(example.messages, names), ...openaiTools(tools, names) }),
			openaiProblems(example, names)
		);
	},
	toolNames: (tools) => new ToolNames(tools).changes,
	sideFiles: () => []
};
