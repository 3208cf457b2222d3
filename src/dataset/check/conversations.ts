import type { AssistantMessage, Message } from '../../dialogue/message.ts';
import type { TrainingExample } from '../../harvest/examples.ts';

/** A conversation as a trainer reads it out of an example. */
export interface LearntConversation {
	/** All that only gives the context; empty where whole conversations are learnt (SFT). */
	readonly prompt: readonly Message[];
	/** What the loss is taken of: one message, or for SFT the whole conversation. */
	readonly learnt: readonly Message[];
	/** To be learnt as good, or to be unlearnt. */
	readonly isGood: boolean;
}

/** DPO holds two. */
export function conversationsOf(example: TrainingExample): [LearntConversation, ...LearntConversation[]] {
	switch (example.kind) {
		case 'sft':
			return [{ prompt: [], learnt: example.messages, isGood: true }];
		case 'kto':
			return [answered(example.prompt, example.completion, example.label)];
		case 'dpo':
			return [
				answered(example.prompt, example.chosen, true),
				answered(example.prompt, example.rejected, false)
			];
	}
}

function answered(prompt: readonly Message[], answer: AssistantMessage, isGood: boolean): LearntConversation {
	return { prompt, learnt: [answer], isGood };
}
