import type { Generation, Sampling } from '../models/language-model.ts';

/**
 * What to store when a model could not answer, or `undefined` if the failure says nothing about this conversation (an abort, a model
 * that cannot be loaded, a bug): then it must be thrown on, so that the step is taken again later.
 */
export function describeModelFailure(error: unknown): string | undefined {
	if (!(error instanceof Error)) return undefined;
	// Errors lose their class on the way from a worker, not their name.
	if (error.name === 'ContextOverflowError') return `context overflow: ${error.message}`;
	if (error.name === 'PromptError') return `${templateFault}${error.message}`;
	if (error.name === 'ModelFaultError') return `${modelFault}${error.message}`;
	return undefined;
}

/**
 * Why a reply says nothing although the model thought. Nothing of it may be said to the other side, and an empty message would read as if
 * the speaker had kept silent.
 */
export function onlyThought(
	speaker: 'agent' | 'user',
	{ finishReason }: Pick<Generation, 'finishReason'>,
	{ maxTokens }: Pick<Sampling, 'maxTokens'>
): string {
	return finishReason === 'length'
		? `the ${speaker} was still thinking when its reply ended at ${maxTokens} tokens, and said nothing: allow more tokens a message, or switch thinking off`
		: `the ${speaker} only thought, and said nothing`;
}

const modelFault = 'model fault: ';
const templateFault = 'chat template: ';

/** Whether a stored failure was that of the model's file or its engine, and not that of the conversation. */
export function isModelFault(failure: string): boolean {
	return failure.startsWith(modelFault) || failure.startsWith(templateFault);
}
