import type { GenerateRequest, Generation, LanguageModel } from '../models/language-model.ts';
import { describeModelFailure } from './failure.ts';
import type { StepContext } from './participants.ts';

/** As much of a model as participants need. */
export type TalkModel = Pick<LanguageModel, 'generate'>;

/**
 * A model's answer within a step, or why this conversation cannot have one.
 * @param attempt the step's generations before this one
 * @throws what says nothing of the conversation; see `describeModelFailure`
 */
export async function answerOf(
	model: TalkModel,
	request: Omit<GenerateRequest, 'seed'>,
	{ seed, signal, onText }: StepContext,
	attempt: number
): Promise<Generation | { readonly failure: string }> {
	try {
		return await model.generate(
			{ ...request, seed: seed(attempt) },
			{ ...(signal && { signal }), ...(onText && { onText }) }
		);
	} catch (error) {
		const failure = describeModelFailure(error);
		if (failure === undefined) throw error;
		return { failure };
	}
}
