import type { Message, StoredMessage } from '../dialogue/message.ts';
import type { EnvironmentFacts, Scenario } from '../environment/environment.ts';
import { writeUserPrompt } from '../environment/prompts.ts';
import type { Transcript } from './participants.ts';

/**
 * The conversation as the agent's model is shown it: calls and results, but nothing that only the user was told, and no thoughts but its
 * own. Whether those come into a prompt is for the model's chat template to say.
 */
export function agentView({ prompts }: Pick<EnvironmentFacts, 'prompts'>, transcript: Transcript): Message[] {
	return [{ role: 'system', content: prompts.agent }, ...seenByAgent(transcript)];
}

/** What the agent saw of a conversation, without a system message. */
export function seenByAgent(transcript: Transcript): Message[] {
	return transcript.filter((message) => message.seenBy !== 'user').map(asAgentSees);
}

/**
 * The conversation as the user simulator's model is shown it: the goals, then what was said aloud with the roles swapped, since it
 * is the simulator that answers as `assistant`. Before the opening that is the system message alone. Nobody's thoughts are in it; calls of its
 * own tools and their results are.
 */
export function userView(
	{ prompts }: Pick<EnvironmentFacts, 'prompts'>,
	{ userGoals }: Pick<Scenario, 'userGoals'>,
	transcript: Transcript
): Message[] {
	const seen = transcript.filter((message) => message.seenBy !== 'agent');
	return [{ role: 'system', content: writeUserPrompt(prompts, userGoals) }, ...seen.map(asUserSees)];
}

function asUserSees({ seenBy, ...message }: StoredMessage): Message {
	const isOwnTool = seenBy === 'user' && (message.role === 'tool' || 'tool_calls' in message);
	if (isOwnTool) {
		const { reasoning: _, ...plain } = { reasoning: undefined, ...message };
		return plain as Message;
	}
	return { role: message.role === 'user' ? 'assistant' : 'user', content: message.content };
}

function asAgentSees({ seenBy: _, ...message }: StoredMessage): Message {
	if (message.role !== 'user' || message.reasoning === undefined) return message;
	const { reasoning: _thought, ...said } = message;
	return said;
}
