import { compactToolsSection, hermesMessages, hermesToolsSection } from '../../dialogue/hermes-write.ts';
import type { PlainMessage } from '../../dialogue/message.ts';
import type { GenerateRequest } from '../language-model.ts';
import type { Pipeline } from './engine.ts';
import type { WebLlmSettings } from './settings.ts';

/**
 * What stands for the other side where it has not spoken yet. web-llm answers user messages only, and a user simulator
 * speaks first; most chat templates want user and assistant in turns, too.
 */
export const opener = 'Begin.';

/**
 * A request's messages in the order that web-llm takes: one system message first, then user and assistant, a user message
 * last. Tools and calls are written as Hermes text, for every model alike.
 */
export function chatMessages(
	{ messages, tools, toolsText }: Pick<GenerateRequest, 'messages' | 'tools' | 'toolsText'>,
	form: WebLlmSettings['tools']
): PlainMessage[] {
	const section =
		tools.length === 0 ? '' : form === 'compact' ? compactToolsSection(toolsText) : hermesToolsSection(tools);
	const plain = hermesMessages(messages, section);
	// Without a system message web-llm puts in one of its own, so an empty one is sent.
	const system = plain.filter(({ role }) => role === 'system').map(({ content }) => content);
	const turns = plain.filter(({ role }) => role !== 'system');
	const open: PlainMessage = { role: 'user', content: opener };
	if (turns[0]?.role !== 'user') turns.unshift(open);
	if (turns.at(-1)?.role !== 'user') turns.push(open);
	return [{ role: 'system', content: system.join('\n\n') }, ...turns];
}

/**
 * Messages that come through web-llm's templates as they are: it fills those in with `String.replace`, which reads `$$`,
 * `$&`, `` $` `` and `$'` as instructions.
 */
export function safeFromTemplates(
	messages: readonly PlainMessage[],
	pipeline: Pipeline | undefined
): PlainMessage[] {
	const templates = pipeline?.getConversationObject().config.role_templates;
	const replaced = ({ role }: PlainMessage) =>
		role === 'system' || (pipeline?.artifact === undefined && templates?.[role] !== undefined);
	return messages.map((message) =>
		replaced(message)
			? { ...message, content: message.content.replace(/\$(?=[$&`'])/g, () => '$$') }
			: message
	);
}
