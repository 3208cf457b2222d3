import type { Message } from '../../dialogue/message.ts';
import type { ToolSpec } from '../../dialogue/tool.ts';
import type { Rendering, Unrendered } from './rendering.ts';

/** What a template makes of an answer. */
export interface AnswerText {
	/** The rendered prompt: where the answer starts for the trainer. */
	readonly prompt: { readonly text: string };
	/** The text from where the answer starts, or from earlier. */
	readonly text: string;
	/** What of the prompt is in there. */
	readonly given: string;
	/** Where the prompt is not how the whole text begins: what it goes on with. */
	readonly parts?: string;
}

/** @param whole the rendered text of prompt and answer */
export function answerText(
	rendering: Rendering,
	prompt: readonly Message[],
	whole: string,
	tools: readonly ToolSpec[]
): AnswerText | Unrendered {
	const before = rendering.prompt(prompt, tools);
	if ('problem' in before) return before;
	if (whole.startsWith(before.text))
		return { prompt: before, text: whole.slice(before.text.length), given: '' };
	// Where the two part is not where the answer starts: they may share its first letters.
	const rendered = rendering.whole(prompt, tools);
	const closed = 'text' in rendered ? rendered.text : before.text;
	const start = sharedLength(closed, whole);
	return {
		prompt: before,
		text: whole.slice(start),
		given: closed.slice(start),
		parts: before.text.slice(start, start + 80)
	};
}

function sharedLength(a: string, b: string): number {
	let length = 0;
	while (length < a.length && a[length] === b[length]) length++;
	return length;
}
