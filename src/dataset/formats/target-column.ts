import type { JsonRecord } from '../../base/json.ts';
import { writeArguments } from '../../dialogue/call-arguments.ts';
import type { AssistantMessage, Message } from '../../dialogue/message.ts';
import type { FormatContext } from '../format.ts';
import { messagesColumn, writtenArguments, type ArgumentsCell } from './columns.ts';
import { formed, plainForm } from './target-form.ts';

/*
 * Conversations for trainers that render rows with the chat template of the model that they train: in the form that this template
 * asks for.
 */

/** @param argumentsCell where a trainer wants the arguments in one form only, whatever the template takes */
export function conversationColumn(
	messages: readonly Message[],
	{ tools, form = plainForm, thoughts }: FormatContext,
	argumentsCell: ArgumentsCell = form.arguments === 'text' ? writeArguments : writtenArguments
): JsonRecord[] {
	return messagesColumn(formed(messages, tools, form), { argumentsCell, thoughts });
}

/** The answer to a prompt, as it stands in the whole conversation. */
export function answerColumn(
	prompt: readonly Message[],
	answer: AssistantMessage,
	context: FormatContext
): JsonRecord[] {
	return conversationColumn([...prompt, answer], context).slice(-1);
}
