import type { Generation, LanguageModel, Sampling } from '../../models/language-model.ts';
import { describeModelFailure, onlyThought } from '../failure.ts';
import type { StepContext, Transcript, UserSimulator, UserStep } from '../participants.ts';
import { userView } from '../views.ts';

/**
 * The paper's goal-based user simulator (josh-behaviour, section 6): it knows the goals and ends the conversation with the
 * environment's stop words, which stay in its message. What it only thinks ends nothing.
 */
export class GoalUser implements UserSimulator {
	readonly #model: Pick<LanguageModel, 'generate'>;
	readonly #sampling: Sampling;

	constructor(model: Pick<LanguageModel, 'generate'>, sampling: Sampling) {
		this.#model = model;
		this.#sampling = sampling;
	}

	async step(transcript: Transcript, context: StepContext): Promise<UserStep> {
		const { environment, scenario, seed, signal, onText } = context;
		let generation: Generation;
		try {
			generation = await this.#model.generate(
				{
					messages: userView(environment, scenario, transcript),
					tools: [],
					toolsText: '',
					sampling: this.#sampling,
					seed: seed(0)
				},
				{ ...(signal && { signal }), ...(onText && { onText }) }
			);
		} catch (problem) {
			const error = describeModelFailure(problem);
			if (error === undefined) throw problem;
			return { messages: [], over: true, error, tokens: { prompt: 0, completion: 0 } };
		}

		const { message, usage } = generation;
		const tokens = { prompt: usage.promptTokens, completion: usage.completionTokens };
		const { content, reasoning } = message;
		const thought = reasoning !== undefined && { reasoning };
		if (content.trim() === '') {
			const error = thought ? onlyThought('user', generation, this.#sampling) : 'the user said nothing';
			return {
				messages: thought ? [{ role: 'user', content: '', ...thought, seenBy: 'user' }] : [],
				over: true,
				error,
				tokens
			};
		}
		return {
			messages: [{ role: 'user', content, ...thought, seenBy: 'both' }],
			over: content.includes(environment.prompts.stop),
			tokens
		};
	}
}
