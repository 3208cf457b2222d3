import type { ToolSpec } from '../../dialogue/tool.ts';
import { answerText, type AnswerText } from './answer-text.ts';
import type { ExampleCheck, Issue, TargetModel } from './check.ts';
import { conversationsOf, type LearntConversation } from './conversations.ts';
import { damage, type GivenText } from './damage.ts';
import { TemplateText } from './own-words.ts';
import { Rendering, type Unrendered } from './rendering.ts';
import { untoldTools } from './tools-told.ts';

/**
 * Renders each conversation, as it stands in the rows, through the target's chat template and compares. What the template refuses stops a trainer, so it is an
 * error. So is damage to what is to be learnt as good: the model would learn the damage. Damage to prompts, to what
 * is to be unlearnt and to blanks is a warning, and so is a prompt that is not how the whole text begins: TRL then starts the
 * answer where the two part.
 * @throws {TargetError} if the template cannot be parsed
 */
export function templateCheck(target: TargetModel, rendering = new Rendering(target)): ExampleCheck {
	const ofPrompts = new WeakMap<AnswerText['prompt'], readonly Issue[]>();

	const source = new TemplateText(target.chatTemplate);

	/** What the text holds whoever talks. */
	const given = (tools: readonly ToolSpec[]): GivenText => {
		const rendered = rendering.prompt([{ role: 'user', content: '' }], tools);
		return { text: 'text' in rendered ? rendered.text : '', source };
	};

	function promptIssues(
		{ prompt }: LearntConversation,
		rendered: AnswerText['prompt'],
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

	function* check(conversation: LearntConversation, tools: readonly ToolSpec[]): Generator<Issue> {
		const { prompt, learnt, isGood } = conversation;
		const whole = rendering.whole([...prompt, ...learnt], tools);
		if ('problem' in whole) return yield notRendered(whole);
		let part: { readonly text: string; readonly given: GivenText };
		if (prompt.length === 0) {
			part = { text: whole.text, given: given(tools) };
		} else {
			const answer = answerText(rendering, prompt, whole.text, tools);
			if ('problem' in answer) return yield notRendered(answer);
			yield* promptIssues(conversation, answer.prompt, tools);
			part = { text: answer.text, given: { text: answer.given, source } };
			if (answer.parts !== undefined)
				yield {
					severity: 'warning',
					reason: 'the rendered prompt is not how prompt and answer begin',
					detail: `the prompt goes on with ${JSON.stringify(answer.parts)}`
				};
		}
		for (const { reason, detail, at, isSlight } of damage(part.text, learnt, part.given)) {
			const isLearnt = at === undefined || learnt[at]!.role === 'assistant';
			yield { severity: isGood && isLearnt && !isSlight ? 'error' : 'warning', reason, detail };
		}
	}

	return {
		*check(example, tools) {
			const conversations = conversationsOf(example);
			const [{ prompt, learnt }] = conversations;
			yield* untoldTools(rendering, [...prompt, ...learnt], tools);
			for (const conversation of conversations) yield* check(conversation, tools);
		}
	};
}

/** Only Python may be able to run it. */
export const notTried = 'the chat template could not be tried here';

function notRendered({ problem, isRefusal }: Unrendered): Issue {
	return isRefusal
		? { severity: 'error', reason: 'the chat template refuses the conversation', detail: problem }
		: { severity: 'warning', reason: notTried, detail: problem };
}
