import type { AssistantMessage, Message } from '../dialogue/message.ts';
import type { Harvest, TrainingExample } from '../harvest/examples.ts';

/**
 * Names under which chat templates read what a model thought before it spoke: `reasoning_content` those of Qwen 3, GLM, DeepSeek,
 * Nemotron and most others, `thinking` those of gpt-oss and LFM 2.5.
 */
export const thoughtMembers = ['reasoning_content', 'thinking'] as const;
export type ThoughtMember = (typeof thoughtMembers)[number];

/** What the agent thought before a message. */
export function thoughtOf(message: Message): string | undefined {
	return message.role === 'assistant' ? message.reasoning : undefined;
}

/** How many messages that the agent thought before are in the examples of a search, each once. */
export function thoughtsIn(harvest: Harvest): number {
	if ('none' in harvest) return 0;
	const { sft, kto } = harvest.examples;
	const said = [
		...sft.flatMap(({ messages }) => messages),
		...kto.filter(({ label }) => !label).map(({ completion }) => completion)
	];
	return said.filter(hasThought).length;
}

/** The example as it is without thoughts: itself, if there are none in it. */
export function withoutThoughts(example: TrainingExample): TrainingExample {
	switch (example.kind) {
		case 'sft':
			return withParts(example, { messages: spokenOnly(example.messages) });
		case 'kto':
			return withParts(example, {
				prompt: spokenOnly(example.prompt),
				completion: saidOnly(example.completion)
			});
		case 'dpo':
			return withParts(example, {
				prompt: spokenOnly(example.prompt),
				chosen: saidOnly(example.chosen),
				rejected: saidOnly(example.rejected)
			});
	}
}

function withParts<Example extends TrainingExample>(example: Example, parts: Partial<Example>): Example {
	const isSame = (Object.keys(parts) as (keyof Example)[]).every((key) => parts[key] === example[key]);
	return isSame ? example : { ...example, ...parts };
}

function spokenOnly(messages: readonly Message[]): readonly Message[] {
	return messages.some(hasThought)
		? messages.map((message) => (message.role === 'assistant' ? saidOnly(message) : message))
		: messages;
}

function saidOnly(message: AssistantMessage): AssistantMessage {
	if (!hasThought(message)) return message;
	const { reasoning: _, ...said } = message;
	return said;
}

function hasThought(message: Message): boolean {
	return thoughtOf(message) !== undefined;
}
