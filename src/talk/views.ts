import type { Message, StoredMessage } from '../dialogue/message.ts';
import type { Environment, Scenario } from '../environment/environment.ts';
import { writeUserPrompt } from '../environment/prompts.ts';
import type { Transcript } from './participants.ts';

/** Raised when the text that agent or user simulator send to a model changes; older runs are then read, not continued. */
export const promptVersion = 1;

/**
 * The conversation as the agent's model is shown it: calls and results, but nothing that only the user was told, and no thoughts but its
 * own. Whether those come into a prompt is for the model's chat template to say.
 */
export function agentView({ prompts }: Pick<Environment, 'prompts'>, transcript: Transcript): Message[] {
	const seen = transcript.filter((message) => message.seenBy !== 'user');
	return [{ role: 'system', content: prompts.agent }, ...seen.map(asAgentSees)];
}

/**
 * The conversation as the user simulator's model is shown it: the goals, then what was said aloud with the roles swapped, since it
 * is the simulator that answers as `assistant`. Before the opening that is the system message alone. Nobody's thoughts are in it.
 */
export function userView(
	{ prompts }: Pick<Environment, 'prompts'>,
	{ userGoals }: Pick<Scenario, 'userGoals'>,
	transcript: Transcript
): Message[] {
	const said = transcript.filter((message) => message.seenBy !== 'agent');
	return [
		{ role: 'system', content: writeUserPrompt(prompts, userGoals) },
		...said.map(({ role, content }): Message => ({ role: role === 'user' ? 'assistant' : 'user', content }))
	];
}

function asAgentSees({ seenBy: _, ...message }: StoredMessage): Message {
	if (message.role !== 'user' || message.reasoning === undefined) return message;
	const { reasoning: _thought, ...said } = message;
	return said;
}
