import type { AssistantMessage, Message } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { ExampleCheck, TargetModel } from './check.ts';
import type { Rendering } from './rendering.ts';

/**
 * Equal for answers that are the same for the target: its template may trim and leave out, its tokenizer may take two spellings for one.
 * `undefined` for what cannot be rendered.
 */
export type AnswerKey = (
	prompt: readonly Message[],
	answer: AssistantMessage,
	tools: readonly ToolSpec[]
) => string | undefined;

/** Characters of the prompt that are tokenized with the answer: what stands before a word may change its tokens. */
const runUp = 64;

export function answerKey({ tokenize }: TargetModel, rendering: Rendering): AnswerKey {
	return (prompt, answer, tools) => {
		const before = rendering.prompt(prompt, tools);
		const whole = rendering.whole([...prompt, answer], tools);
		if ('problem' in before || 'problem' in whole) return undefined;
		if (!tokenize || !whole.text.startsWith(before.text)) return whole.text;
		const start = Math.max(before.text.length - runUp, 0);
		return `${before.text}\n${tokenize(whole.text.slice(start)).join(' ')}`;
	};
}

/** The two answers of a pair differ for the target, else there is nothing to prefer. */
export function pairCheck(keyOf: AnswerKey): ExampleCheck {
	return {
		*check(example, tools) {
			if (example.kind !== 'dpo') return;
			const chosen = keyOf(example.prompt, example.chosen, tools);
			if (chosen === undefined || chosen !== keyOf(example.prompt, example.rejected, tools)) return;
			yield {
				severity: 'error',
				reason: sameForTarget.pair,
				detail: JSON.stringify(example.rejected.content)
			};
		}
	};
}

/** Why rows are left out whose difference the target does not see. */
export const sameForTarget = {
	pair: 'chosen and rejected are the same for the model that is trained',
	kto: 'the bad answer and the good one to its prompt are the same for the model that is trained'
} as const;
