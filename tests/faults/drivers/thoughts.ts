import { FunctionCallingAgent } from '../../../src/talk/agents/function-calling.ts';
import { GoalUser } from '../../../src/talk/users/goal.ts';
import { plainSampling, type GenerateRequest, type Generation } from '../../../src/models/language-model.ts';
import { generationOf } from '../../../src/models/reply.ts';
import { environment, scenario } from '../../search/fakes.ts';
import { plainConversation } from '../../talk/plain-conversation.ts';
import type { FaultDriver } from '../fault-case.ts';

/**
 * Has each reply of `replies.json` given by both sides of a conversation of two agent turns, and gives by its name how that ended, what was
 * said aloud, and what each side's model was shown.
 */
const driver: FaultDriver = async (fault) => {
	const replies = JSON.parse(fault.text('replies.json')) as Record<string, string>;
	const outcomes = Object.entries(replies).map(async ([name, text]) => [name, await outcomeOf(text)]);
	return Object.fromEntries(await Promise.all(outcomes));
};
export default driver;

async function outcomeOf(text: string): Promise<object> {
	const shown: string[] = [];
	const model = {
		async generate(request: GenerateRequest): Promise<Generation> {
			shown.push(...request.messages.slice(1).map(({ role, content }) => `${role}: ${content}`));
			return {
				...generationOf(text, request),
				text,
				finishReason: text.includes('</think>') ? 'stop' : 'length',
				usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
				timing: { prompt: 0, completion: 0 }
			};
		}
	};
	const { transcript, end } = await plainConversation({
		environment,
		scenario: scenario([3]),
		agent: new FunctionCallingAgent(model, plainSampling),
		user: new GoalUser(model, plainSampling),
		seed: 1,
		maxTurns: 2
	});
	return {
		end,
		said: transcript
			.filter(({ seenBy }) => seenBy === 'both')
			.map(({ role, content }) => `${role}: ${content}`),
		thought: transcript.map((message) => ('reasoning' in message ? message.reasoning : null)),
		shown
	};
}
