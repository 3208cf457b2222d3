import { jsonText } from '../../base/json.ts';
import { onlyThinks, type StoredMessage, type ToolCall } from '../../dialogue/message.ts';
import type { EnvironmentState, ExecutedCall } from '../../environment/environment.ts';
import type { LanguageModel, Sampling } from '../../models/language-model.ts';
import { describeModelFailure, onlyThought } from '../failure.ts';
import type { Agent, AgentStep, StepContext, Transcript } from '../participants.ts';
import { agentView } from '../views.ts';

/** Model calls in one turn at the most. */
const maxModelCalls = 3;

const outOfRetries: StoredMessage = {
	role: 'assistant',
	content: 'Error: Agent ran out of retries.',
	seenBy: 'both'
};

/**
 * The paper's function-calling agent (josh-behaviour, section 5). A step is a whole turn: model calls until one is a reply without a
 * call. Only the first call of an answer is carried out and kept.
 */
export class FunctionCallingAgent implements Agent {
	readonly #model: Pick<LanguageModel, 'generate'>;
	readonly #sampling: Sampling;

	constructor(model: Pick<LanguageModel, 'generate'>, sampling: Sampling) {
		this.#model = model;
		this.#sampling = sampling;
	}

	async step(transcript: Transcript, before: EnvironmentState, context: StepContext): Promise<AgentStep> {
		const { environment, seed, signal, onText } = context;
		const messages: StoredMessage[] = [];
		const calls: ExecutedCall[] = [];
		const tokens = { prompt: 0, completion: 0 };
		const end = (outcome: AgentStep['outcome'], error?: string): AgentStep =>
			error === undefined
				? { outcome, messages, calls, tokens }
				: { outcome, messages, calls, tokens, error };

		let state = before;
		for (let attempt = 0; attempt < maxModelCalls; attempt++) {
			let generation;
			try {
				generation = await this.#model.generate(
					{
						messages: agentView(environment, [...transcript, ...messages]),
						tools: environment.tools,
						toolsText: environment.toolsText,
						sampling: this.#sampling,
						seed: seed(attempt)
					},
					{ ...(signal && { signal }), ...(onText && { onText }) }
				);
			} catch (error) {
				const problem = describeModelFailure(error);
				if (problem === undefined) throw error;
				return end('over', problem);
			}
			tokens.prompt += generation.usage.promptTokens;
			tokens.completion += generation.usage.completionTokens;

			const { message, problem } = generation;
			if (problem !== undefined) {
				messages.push({ ...message, seenBy: 'agent' });
				return end('raised', problem);
			}
			if (onlyThinks(message)) {
				messages.push({ ...message, seenBy: 'agent' });
				return end('raised', onlyThought('agent', generation, this.#sampling));
			}
			const wanted = message.tool_calls?.[0]?.function;
			if (!wanted) {
				messages.push({ ...message, seenBy: 'both' });
				return end('finished');
			}
			const made = environment.call(state, wanted);
			state = made.state;
			calls.push(made.executed);
			const call: ToolCall = {
				id: `call_${transcript.length + messages.length}`,
				type: 'function',
				function: wanted
			};
			messages.push(
				{ ...message, tool_calls: [call], seenBy: 'agent' },
				{
					role: 'tool',
					content: jsonText(made.executed.result),
					tool_call_id: call.id,
					name: wanted.name,
					seenBy: 'agent'
				}
			);
		}
		messages.push(outOfRetries);
		return end('finished');
	}
}
