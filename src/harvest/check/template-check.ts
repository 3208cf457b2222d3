import type { ToolSpec } from '../../dialogue/tool.ts';
import type { ExampleCheck, Issue, TargetModel } from './check.ts';
import { conversationsOf, type LearntConversation } from './conversations.ts';
import { damage } from './damage.ts';
import { Rendering, type Rendered, type Unrendered } from './rendering.ts';

/**
 * Renders each conversation through the target's chat template and compares. What the template refuses stops a trainer, so it is an
 * error. So is damage to what is to be learnt as good: the model would learn the damage. Damage to prompts, to what
 * is to be unlearnt and to blanks is a warning, and so is a prompt that is not how the whole text begins: TRL then starts the
 * answer where the two part.
 * @throws {TargetError} if the template cannot be parsed
 */
export function templateCheck(target: TargetModel, rendering = new Rendering(target)): ExampleCheck {
	const ofPrompts = new WeakMap<Rendered, readonly Issue[]>();

	/** What the text holds whoever talks. */
	const given = (tools: readonly ToolSpec[]): string => {
		const rendered = rendering.prompt([{ role: 'user', content: '' }], tools);
		return 'text' in rendered ? rendered.text : '';
	};

	function promptIssues(
		{ prompt }: LearntConversation,
		rendered: { readonly text: string },
		tools: readonly ToolSpec[]
	): readonly Issue[] {
		let issues = ofPrompts.get(rendered);
		if (!issues) {
			issues = [...damage(rendered.text, prompt, given(tools))].map(({ reason, detail }): Issue => ({
				severity: 'warning',
				reason,
				detail: `prompt, ${detail}`
			}));
			ofPrompts.set(rendered, issues);
		}
		return issues;
	}

	/**
	 * The text from where the answer starts, or earlier. That is not where prompt and whole part, since they may share the first
	 * letters of the answer.
	 */
	function answerPart(
		prompt: string,
		whole: string,
		{ prompt: messages }: LearntConversation,
		tools: readonly ToolSpec[]
	) {
		const rendered = rendering.whole(messages, tools);
		const closed = 'text' in rendered ? rendered.text : prompt;
		const start = sharedLength(closed, whole);
		// Whatever else of the prompt is in there.
		return { start, text: whole.slice(start), given: closed.slice(start) };
	}

	function* check(conversation: LearntConversation, tools: readonly ToolSpec[]): Generator<Issue> {
		const { prompt, learnt, isGood } = conversation;
		const whole = rendering.whole([...prompt, ...learnt], tools);
		if ('problem' in whole) return yield notRendered(whole);
		let part: { readonly text: string; readonly given: string };
		if (prompt.length === 0) {
			part = { text: whole.text, given: given(tools) };
		} else {
			const before = rendering.prompt(prompt, tools);
			if ('problem' in before) return yield notRendered(before);
			yield* promptIssues(conversation, before, tools);
			if (whole.text.startsWith(before.text)) {
				part = { text: whole.text.slice(before.text.length), given: '' };
			} else {
				const { start, ...rest } = answerPart(before.text, whole.text, conversation, tools);
				part = rest;
				yield {
					severity: 'warning',
					reason: 'the rendered prompt is not how prompt and answer begin',
					detail: `the prompt goes on with ${JSON.stringify(before.text.slice(start, start + 80))}`
				};
			}
		}
		for (const { reason, detail, at, isSlight } of damage(part.text, learnt, part.given)) {
			const isLearnt = at === undefined || learnt[at]!.role === 'assistant';
			yield { severity: isGood && isLearnt && !isSlight ? 'error' : 'warning', reason, detail };
		}
	}

	return {
		*check(example, tools) {
			for (const conversation of conversationsOf(example)) yield* check(conversation, tools);
		}
	};
}

function notRendered({ problem, isRefusal }: Unrendered): Issue {
	return isRefusal
		? { severity: 'error', reason: 'the chat template refuses the conversation', detail: problem }
		: { severity: 'warning', reason: 'the chat template could not be tried here', detail: problem };
}

function sharedLength(a: string, b: string): number {
	let length = 0;
	while (length < a.length && a[length] === b[length]) length++;
	return length;
}
