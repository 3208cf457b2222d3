import { jsonText, type JsonObject } from '../../base/json.ts';
import { hermesMessages } from '../../dialogue/hermes-write.ts';
import type { Message } from '../../dialogue/message.ts';
import { trainerPath } from '../folder.ts';
import type { DatasetFormat } from '../format.ts';
import { metaColumn, toolsColumn } from './columns.ts';
import { hermesProblems, hermesTools } from './hermes-text.ts';
import { writeRow } from './row.ts';

/**
 * ShareGPT as the Hermes function-calling datasets have it: `conversations` of `{from, value}` with `system`, `human`, `gpt` and `tool`,
 * where tools, calls and results are text; and `tools` as JSON text.
 */
export const hermesSft: DatasetFormat = {
	id: 'hermes-sft/1',
	label: 'SFT: golden paths (Hermes ShareGPT)',
	fileName: 'hermes-sft.jsonl',
	pathOf: (split) => trainerPath('hermes', 'sft', split),
	kinds: ['sft'],
	encode(example, { tools }) {
		if (example.kind !== 'sft') return [];
		return writeRow(
			example,
			() => ({
				conversations: conversation(example.messages, hermesTools(tools)),
				tools: jsonText(toolsColumn(tools)),
				meta: metaColumn(example.origin)
			}),
			hermesProblems(example)
		);
	},
	sideFiles: () => []
};

/** A valid example has no two results in a row, so each message has a text of its own. */
function conversation(messages: readonly Message[], toolsSection: string): JsonObject[] {
	const texts = hermesMessages(messages, toolsSection);
	const added = texts.length - messages.length;
	return texts.map(({ role, content }, index) => ({
		from: speakers[messages[index - added]?.role ?? role],
		value: content
	}));
}

const speakers = { system: 'system', user: 'human', assistant: 'gpt', tool: 'tool' } as const;
