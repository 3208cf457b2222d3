import type { ToolCall } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import { checkArguments } from '../../environment/arguments.ts';
import { conversationsOf } from './conversations.ts';
import type { ExampleCheck } from './check.ts';

/**
 * Every call that is learnt names a tool, and its arguments fit that tool's JSON schema. An error in what is to be learnt as good;
 * what is to be unlearnt may well be wrong, so there it is a warning. Calls in prompts are nobody's to learn; that they are
 * sound on a golden path is the harvest's rule.
 */
export const schemaCheck: ExampleCheck = {
	*check(example, tools) {
		for (const { learnt, isGood } of conversationsOf(example)) {
			for (const message of learnt) {
				if (message.role !== 'assistant') continue;
				for (const call of message.tool_calls ?? []) {
					const detail = objection(call, tools);
					const severity = isGood ? 'error' : 'warning';
					if (detail !== undefined) yield { severity, reason: 'a call does not fit its tool', detail };
				}
			}
		}
	}
};

function objection(
	{ function: { name, arguments: args } }: ToolCall,
	tools: readonly ToolSpec[]
): string | undefined {
	const tool = tools.find((one) => one.name === name);
	if (!tool) return `there is no tool ${name}`;
	const wrong = checkArguments(tool.parameters, args);
	return wrong === undefined ? undefined : `${name}: ${wrong}`;
}
