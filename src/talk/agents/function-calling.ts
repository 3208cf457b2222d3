import { jsonText } from '../../base/json.ts';
import { choice, options } from '../../base/options.ts';
import { onlyThinks, type StoredMessage, type ToolCall } from '../../dialogue/message.ts';
import type { EnvironmentState, ExecutedCall } from '../../environment/environment.ts';
import type { Sampling } from '../../models/language-model.ts';
import { answerOf, type TalkModel } from '../answer.ts';
import { onlyThought } from '../failure.ts';
import type { Agent, AgentStep, StepContext, Transcript } from '../participants.ts';
import { samplingOptions } from '../sampling.ts';
import { agentView } from '../views.ts';
import { agentPart } from './agent-part.ts';
import { callsInTurn, maxModelCalls, ranOut } from './turn.ts';

export const functionCalling = agentPart({
	kind: 'function-calling',
	version: 1,
	label: 'Function calling',
	options: options({
		sampling: samplingOptions('agent', 1, 'higher: branches differ more'),
		calls: choice(['first', 'all'], 'first', {
			label: 'Calls of a reply',
			hint: 'only the first, as published, or all of them',
			rare: true
		})
	}),
	view: (facts, transcript) => agentView(facts, transcript),
	create: ({ sampling, calls }, model) => new FunctionCallingAgent(model, sampling, calls)
});

/**
 * The paper's function-calling agent (josh-behaviour, section 5). A step is a whole turn: model calls until one is a reply without a
 * call. Of an answer with several calls only the first is carried out and kept, unless all are asked for.
 */
export class FunctionCallingAgent implements Agent {
	readonly #model: TalkModel;
	readonly #sampling: Sampling;
	readonly #calls: 'first' | 'all';

	constructor(model: TalkModel, sampling: Sampling, calls: 'first' | 'all' = 'first') {
		this.#model = model;
		this.#sampling = sampling;
		this.#calls = calls;
	}

	async step(transcript: Transcript, before: EnvironmentState, context: StepContext): Promise<AgentStep> {
		const { environment } = context;
		const messages: StoredMessage[] = [];
		const calls: ExecutedCall[] = [];
		const tokens = { prompt: 0, completion: 0 };
		const end = (outcome: AgentStep['outcome'], error?: string): AgentStep =>
			error === undefined
				? { outcome, messages, calls, tokens }
				: { outcome, messages, calls, tokens, error };

		let state = before;
		const done = context.oneAction ? callsInTurn(transcript) : 0;
		for (let attempt = 0; done + attempt < maxModelCalls; attempt++) {
			const answer = await answerOf(
				this.#model,
				{
					messages: agentView(environment, [...transcript, ...messages]),
					tools: environment.tools,
					sampling: this.#sampling
				},
				context,
				attempt
			);
			if ('failure' in answer) return end('over', answer.failure);
			tokens.prompt += answer.usage.promptTokens;
			tokens.completion += answer.usage.completionTokens;

			const { message, problem } = answer;
			if (problem !== undefined) {
				messages.push({ ...message, seenBy: 'agent' });
				return end('raised', problem);
			}
			if (onlyThinks(message)) {
				messages.push({ ...message, seenBy: 'agent' });
				return end('raised', onlyThought('agent', answer, this.#sampling));
			}
			const wanted = message.tool_calls?.slice(0, this.#calls === 'first' ? 1 : undefined) ?? [];
			if (wanted.length === 0) {
				messages.push({ ...message, seenBy: 'both' });
				return end('finished');
			}
			const at = transcript.length + messages.length;
			const made = wanted.map((call, index): ToolCall => ({
				id: `call_${at + index}`,
				type: 'function',
				function: call.function
			}));
			messages.push({ ...message, tool_calls: made, seenBy: 'agent' });
			for (const call of made) {
				const after = await environment.call(state, 'agent', call.function);
				state = after.state;
				calls.push(after.executed);
				messages.push({
					role: 'tool',
					content: jsonText(after.executed.result),
					tool_call_id: call.id,
					name: call.function.name,
					seenBy: 'agent'
				});
			}
			// The last call that a turn may have leaves nothing to be said: the next action would be the words that it ran out.
			if (context.oneAction && done + attempt + 1 < maxModelCalls) return end('continue');
		}
		messages.push(ranOut('both'));
		return end('finished');
	}
}
