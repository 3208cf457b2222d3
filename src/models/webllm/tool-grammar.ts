import type { JsonObject } from '../../base/json.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';

/**
 * xgrammar's description of a reply that is free but for its tool calls: from `<tool_call>` on only the name of a tool
 * there is and arguments that its schema allows. Words before, between and after calls stay free.
 */
export function toolCallTags(tools: readonly ToolSpec[]): JsonObject {
	return {
		type: 'structural_tag',
		format: {
			type: 'triggered_tags',
			triggers: ['<tool_call>'],
			tags: tools.map(({ name, parameters }) => ({
				type: 'tag',
				// Letter for letter as `writeHermesCall` writes it, so that a history reads as the reply did.
				begin: `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": `,
				content: { type: 'json_schema', json_schema: parameters },
				end: '}\n</tool_call>'
			}))
		}
	};
}
