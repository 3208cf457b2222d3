import { jsonText } from '../../base/json.ts';
import { options } from '../../base/options.ts';
import type { StoredMessage } from '../../dialogue/message.ts';
import type { EnvironmentState, ExecutedCall } from '../../environment/environment.ts';
import type { Sampling } from '../../models/language-model.ts';
import { maxModelCalls } from '../agents/turn.ts';
import { answerOf, type TalkModel } from '../answer.ts';
import { onlyThought } from '../failure.ts';
import type { StepContext, Transcript, UserSimulator, UserStep } from '../participants.ts';
import { samplingOptions } from '../sampling.ts';
import { userView } from '../views.ts';
import { userPart } from './user-part.ts';

export const goalUser = userPart({
	kind: 'goal',
	version: 1,
	label: 'Goal-based',
	options: options({ sampling: samplingOptions('user', 0.3, 'lower: keeps to its goals') }),
	create: ({ sampling }, { model }) => new GoalUser(model, sampling)
});

/**
 * The paper's goal-based user simulator (josh-behaviour, section 6): it knows the goals and ends the conversation with the
 * environment's stop words, which stay in its message. What it only thinks ends nothing. Where the environment has tools for the user, it may
 * call them before it speaks; neither calls nor results are shown to the agent.
 */
export class GoalUser implements UserSimulator {
	readonly #model: TalkModel;
	readonly #sampling: Sampling;

	constructor(model: TalkModel, sampling: Sampling) {
		this.#model = model;
		this.#sampling = sampling;
	}

	async step(transcript: Transcript, before: EnvironmentState, context: StepContext): Promise<UserStep> {
		const { environment, scenario } = context;
		const { userTools: tools = [] } = environment;
		const messages: StoredMessage[] = [];
		const calls: ExecutedCall[] = [];
		const tokens = { prompt: 0, completion: 0 };
		const end = (over: boolean, error?: string): UserStep => ({
			messages,
			...(calls.length > 0 && { calls }),
			over,
			...(error !== undefined && { error }),
			tokens
		});

		let state = before;
		for (let attempt = 0; attempt < maxModelCalls; attempt++) {
			const answer = await answerOf(
				this.#model,
				{
					messages: userView(environment, scenario, [...transcript, ...messages]),
					tools,
					sampling: this.#sampling
				},
				context,
				attempt
			);
			if ('failure' in answer) return end(true, answer.failure);
			tokens.prompt += answer.usage.promptTokens;
			tokens.completion += answer.usage.completionTokens;
			const { content, reasoning, tool_calls: [wanted] = [] } = answer.message;
			const thought = reasoning !== undefined && { reasoning };
			if (wanted && tools.length > 0) {
				const call = { ...wanted, id: `call_${transcript.length + messages.length}` };
				const after = await environment.call(state, 'user', call.function);
				state = after.state;
				calls.push(after.executed);
				messages.push(
					{ role: 'assistant', content, ...thought, tool_calls: [call], seenBy: 'user' },
					{
						role: 'tool',
						content: jsonText(after.executed.result),
						tool_call_id: call.id,
						name: call.function.name,
						seenBy: 'user'
					}
				);
				continue;
			}
			if (content.trim() === '') {
				if (thought) messages.push({ role: 'user', content: '', ...thought, seenBy: 'user' });
				return end(true, thought ? onlyThought('user', answer, this.#sampling) : 'the user said nothing');
			}
			messages.push({ role: 'user', content, ...thought, seenBy: 'both' });
			return end(content.includes(environment.prompts.stop));
		}
		return end(true, `the user called tools ${maxModelCalls} times and said nothing`);
	}
}
