import type { GoldenPath } from './golden-path.ts';

/** Any message that says so went wrong: the published filter's words. The agent's own "ran out of retries" is one of them. */
const errorWords = /ERROR:|Error:|FAILURE/;

/** An agent that writes tool results itself made them up: the published mark and the one of Hermes-style models. */
const inventedResult = /APIRETURN|<tool_response>/;

/**
 * What is wrong on a golden path, or `undefined`. A scenario with an error on its golden path gives no examples, not even
 * negatives (section 8). The published filter looks for words in messages; here a failed step and a call that the environment
 * rejected are known for what they are, whatever their words. Negatives are not filtered.
 */
export function errorOn({ messages }: GoldenPath): string | undefined {
	for (const { entry, message } of messages) {
		const { content, role } = message;
		if (entry.kind === 'agent' || entry.kind === 'user') {
			if (entry.error !== undefined) return `the ${entry.kind} failed: ${entry.error}`;
		}
		if (entry.kind === 'agent') {
			const rejected = entry.calls?.find(({ ok }) => !ok);
			if (rejected) return `the environment rejected a call of ${rejected.name}`;
		}
		if (errorWords.test(content)) return `a message of role ${role} tells of an error`;
		if (role === 'assistant' && inventedResult.test(content)) return 'the agent made up a result';
	}
	return undefined;
}
