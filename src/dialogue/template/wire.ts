import { jsonText, JsonText } from '../../base/json.ts';
import { writeArguments } from '../call-arguments.ts';
import type { AssistantMessage, Message, PlainMessage, ToolCall, ToolMessage } from '../message.ts';
import { writeCalls } from '../syntax/index.ts';
import type { ToolSpec } from '../tool.ts';
import { nineCharacterId } from './call-ids.ts';

/** A message as a template is handed it. */
export interface WireMessage {
	readonly role: Message['role'];
	readonly content: string | null;
	readonly tool_calls?: readonly unknown[];
	readonly tool_call_id?: string;
	readonly name?: string;
	/** Thoughts, under the name that the template reads. */
	readonly [thoughts: string]: unknown;
}

/** How a template wants calls, as far as templates differ. */
export interface NativeStyle {
	/** Arguments as an object, as transformers has them, or as JSON text, as OpenAI's API has them. */
	readonly args: 'object' | 'text';
	/** What stands for the words of a message that has only calls. */
	readonly noWords: '' | null;
	/** Mistral's templates refuse ids that are not nine letters and digits. */
	readonly ids: 'own' | 'nine';
	/**
	 * Whether a message may have several calls. `{ writtenAs }`: the template shows tools and results, and leaves it to others to write
	 * calls into the words, in that syntax.
	 */
	readonly calls: 'several' | 'one' | { readonly writtenAs: string };
	/** Where it looks for the tools: among its values, or as JSON text in the system message. */
	readonly tools: 'value' | 'in system';
	/** Whether words may stand in the message that has calls, or need one of their own before it. */
	readonly words: 'beside' | 'before';
}

/** Styles to try, the most usual ones first. @param silent the syntax of calls that the template itself does not write */
export function nativeStyles(silent: string | undefined): readonly NativeStyle[] {
	if (silent === undefined) return structured;
	const style: NativeStyle = {
		args: 'object',
		noWords: '',
		ids: 'own',
		words: 'beside',
		calls: { writtenAs: silent },
		tools: 'value'
	};
	return [...structured, style, { ...style, tools: 'in system' }];
}

const structured: readonly NativeStyle[] = (['beside', 'before'] as const).flatMap((words) =>
	(['several', 'one'] as const).flatMap((calls) =>
		(['own', 'nine'] as const).flatMap((ids) =>
			(['', null] as const).flatMap((noWords) =>
				(['object', 'text'] as const).map((args) => ({
					args,
					noWords,
					ids,
					calls,
					words,
					tools: 'value' as const
				}))
			)
		)
	)
);

/** Messages with their calls as structure. @param thoughts name under which the template reads them; without it they are left out */
export function nativeMessages(
	messages: readonly Message[],
	tools: readonly ToolSpec[],
	style: NativeStyle,
	thoughts: string | undefined
): WireMessage[] {
	const wire = wireMessages(messages, style, thoughts);
	if (style.tools === 'value' || tools.length === 0) return wire;
	const text = jsonText(
		tools.map(({ name, description, parameters }) => ({ name, description, parameters }))
	);
	const [first, ...rest] = wire;
	return first?.role === 'system'
		? [{ ...first, tools: text }, ...rest]
		: [{ role: 'system', content: '', tools: text }, ...wire];
}

function wireMessages(
	messages: readonly Message[],
	style: NativeStyle,
	thoughts: string | undefined
): WireMessage[] {
	const id = (own: string) => (style.ids === 'nine' ? nineCharacterId(own) : own);
	const separate = style.calls === 'one' ? oneCallEach(messages) : messages;
	return separate.flatMap((message): WireMessage[] => {
		switch (message.role) {
			case 'system':
			case 'user':
				return [{ role: message.role, content: message.content }];
			case 'tool':
				return [
					{
						role: 'tool',
						content: message.content,
						tool_call_id: id(message.tool_call_id),
						name: message.name
					}
				];
			case 'assistant': {
				const { role, content, reasoning, tool_calls: calls = [] } = message;
				const thought =
					thoughts !== undefined && reasoning !== undefined ? { [thoughts]: reasoning } : undefined;
				if (calls.length === 0) return [{ role, content, ...thought }];
				if (typeof style.calls === 'object') {
					const text = writeCalls(style.calls.writtenAs, calls) ?? '';
					return [{ role, content: content === '' ? text : `${content}\n${text}`, ...thought }];
				}
				const written = calls.map(({ id: own, type, function: made }) => ({
					id: id(own),
					type,
					function: {
						name: made.name,
						arguments: style.args === 'text' ? writeArguments(made) : new JsonText(writeArguments(made))
					}
				}));
				const apart = content !== '' && style.words === 'before';
				const words = content === '' || apart ? style.noWords : content;
				return [
					...(apart ? [{ role, content }] : []),
					{ role, content: words, ...thought, tool_calls: written }
				];
			}
		}
	});
}

/** What `hermesMessages` made, for a template. */
export const plainMessages = (messages: readonly PlainMessage[]): WireMessage[] =>
	messages.map(({ role, content }) => ({ role, content }));

/** Each call in a message of its own, its result after it. */
function oneCallEach(messages: readonly Message[]): Message[] {
	const separate: Message[] = [];
	for (let at = 0; at < messages.length; at++) {
		const message = messages[at]!;
		const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
		if (calls.length < 2) {
			separate.push(message);
			continue;
		}
		const results: ToolMessage[] = [];
		for (let next = messages[at + 1]; next?.role === 'tool'; next = messages[at + 1]) {
			results.push(next);
			at++;
		}
		separate.push(...interleaved(message as AssistantMessage, calls, results));
	}
	return separate;
}

function interleaved(
	{ tool_calls: _, ...spoken }: AssistantMessage,
	calls: readonly ToolCall[],
	results: readonly ToolMessage[]
): Message[] {
	const left = new Set(results);
	const pairs = calls.flatMap((call, index): Message[] => {
		const its = results.filter((result) => left.has(result) && result.tool_call_id === call.id);
		its.forEach((result) => left.delete(result));
		const words: AssistantMessage = index === 0 ? spoken : { role: 'assistant', content: '' };
		return [{ ...words, tool_calls: [call] }, ...its];
	});
	return [...pairs, ...left];
}
