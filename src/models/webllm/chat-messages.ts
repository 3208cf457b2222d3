import { compactToolsSection, hermesMessages } from '../../dialogue/hermes-write.ts';
import type { PlainMessage } from '../../dialogue/message.ts';
import { openedBy, syntaxNamed } from '../../dialogue/syntax/index.ts';
import { begunBy, joinedTurns, opener } from '../../dialogue/template/turns.ts';
import type { GenerateRequest } from '../language-model.ts';
import type { Pipeline } from './engine.ts';
import type { WebLlmSettings } from './settings.ts';
import type { WebLlmSyntax } from './tool-grammar.ts';

/**
 * A request's messages in the order that web-llm takes: one system message first, then user and assistant in turns, a user message last.
 * It answers user messages only, and puts its separators by the place of a message, whatever its role. Tools
 * and calls are written as text in the syntax that the model knows.
 */
export function chatMessages(
	{ messages, tools }: Pick<GenerateRequest, 'messages' | 'tools'>,
	form: WebLlmSettings['tools'],
	syntax: WebLlmSyntax = 'hermes-json'
): PlainMessage[] {
	const { tell, write } = syntaxNamed(syntax);
	const section =
		tools.length === 0 ? '' : form === 'compact' ? compactToolsSection(tools) : (tell?.(tools) ?? '');
	const plain = hermesMessages(messages, section, write);
	// Without a system message web-llm puts in one of its own, so an empty one is sent.
	const system = plain.filter(({ role }) => role === 'system').map(({ content }) => content);
	const open: PlainMessage = { role: 'user', content: opener };
	const turns = joinedTurns(
		begunBy(
			open,
			plain.filter(({ role }) => role !== 'system')
		)
	);
	const last = turns.at(-1)?.role === 'user' ? [] : [open];
	return [{ role: 'system', content: system.join('\n\n') }, ...turns, ...last];
}

/** The thought that a model's prompts end with opening, if they do: its replies lack the tag. */
export function openedIn(pipeline: Pipeline | undefined): string | undefined {
	const config = pipeline?.getConversationObject().config;
	return config && openedBy(`${String(config.roles?.['assistant'] ?? '')}${config.role_empty_sep ?? ''}`);
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
