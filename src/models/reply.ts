import { readReply } from '../dialogue/syntax/read-reply.ts';
import type { GenerateRequest, Generation } from './language-model.ts';

/**
 * The message in what a model wrote. Call ids come from the seed, so that they are the same in every repetition.
 * @param prompt what the prompt had opened, and the syntax that the model's template speaks of
 */
export function generationOf(
	text: string,
	{ seed, tools }: Pick<GenerateRequest, 'seed' | 'tools'>,
	prompt: { readonly opened?: string; readonly syntax?: string } = {}
): Pick<Generation, 'message' | 'problem'> {
	const reading = readReply(text, { tools, idPrefix: `call_${seed.toString(36)}_`, ...prompt });
	const { content, reasoning, toolCalls, problems, spoken } = reading;
	const thought = reasoning !== undefined && { reasoning };
	if (problems.length > 0) {
		const problem = problems.map(({ message }) => message).join('; ');
		return { message: { role: 'assistant', content: spoken, ...thought }, problem };
	}
	const calls = toolCalls.length > 0 && { tool_calls: toolCalls };
	return { message: { role: 'assistant', content, ...thought, ...calls } };
}
