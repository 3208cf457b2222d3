import { parseHermes } from '../dialogue/hermes-parse.ts';
import type { Generation } from './language-model.ts';

/** The message in what a model wrote. Call ids come from the seed, so that they are the same in every repetition. */
export function readReply(text: string, seed: number): Pick<Generation, 'message' | 'problem'> {
	const { content, toolCalls, problems } = parseHermes(text, { idPrefix: `call_${seed.toString(36)}_` });
	return {
		message: { role: 'assistant', content, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) },
		...(problems.length > 0 ? { problem: problems.map(({ message }) => message).join('; ') } : {})
	};
}
