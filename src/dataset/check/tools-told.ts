import { isJsonObject } from '../../base/json.ts';
import type { Message } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { Issue } from './check.ts';
import type { Rendering } from './rendering.ts';
import { spellings } from './spellings.ts';

/**
 * What the model is not told of the tools. A tool that is gone is an error, for its calls would be learnt of nothing; of a parameter it
 * is a warning, since small models are told of some in fewer words. None where the conversation cannot be rendered.
 * @param messages a conversation, of which only the opening is looked at: calls in it would name tools, too
 */
export function* untoldTools(
	rendering: Rendering,
	messages: readonly Message[],
	tools: readonly ToolSpec[]
): Generator<Issue> {
	if (tools.length === 0) return;
	const first = messages.findIndex(({ role }) => role === 'user');
	const opening = rendering.prompt(messages.slice(0, first + 1), tools);
	if ('problem' in opening) return;
	const isTold = (name: string) => spellings(name).some((one) => opening.text.includes(one));
	const gone = tools.filter(({ name }) => !isTold(name));
	if (gone.length > 0)
		yield {
			severity: 'error',
			reason: 'the chat template drops a tool',
			detail: gone.map(({ name }) => name).join(', ')
		};
	const untold = tools
		.filter((tool) => !gone.includes(tool))
		.flatMap(({ name, parameters: { properties } }) =>
			Object.keys(isJsonObject(properties) ? properties : {})
				.filter((parameter) => !isTold(parameter))
				.map((parameter) => `${name}: ${parameter}`)
		);
	if (untold.length > 0)
		yield {
			severity: 'warning',
			reason: 'the chat template drops a parameter of a tool',
			detail: untold.join(', ')
		};
}
