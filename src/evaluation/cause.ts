import type { Goal } from '../environment/environment.ts';
import type { Conversation } from '../simulation/conversation.ts';

/**
 * Why a conversation missed a goal.
 * - `malformed call`: the agent wrote a call that could not be read. `error`: it or the user could not go on.
 * - `limit`: all agent turns were used up.
 * - `user gave up`: the user ended without having told what the goal needs.
 * - `no call`: the user told, the agent never called the tool. `rejected call`: it did, and was always refused.
 * - `wrong arguments`: a call was accepted, but not with what the goal asks for.
 */
export const causes = [
	'no call',
	'wrong arguments',
	'rejected call',
	'malformed call',
	'user gave up',
	'limit',
	'error'
] as const;
export type Cause = (typeof causes)[number];

/** What stands in the place of a cause where there was no goal to miss: neither success nor failure. */
export const noGoals = 'no goals';

/** The cause of the first goal that was missed, as the earliest mistake usually brings the later ones with it. */
export function causeOfFailure(conversation: Conversation): Cause | typeof noGoals {
	const { end, calls, failed, transcript } = conversation;
	const [goal] = failed;
	if (!goal) return noGoals;
	if (end.reason === 'error') {
		const last = transcript.at(-1);
		return last?.role === 'assistant' && last.seenBy === 'agent' ? 'malformed call' : 'error';
	}
	const attempts = calls.filter(({ name }) => name === goal.name);
	if (attempts.length > 0) return attempts.some(({ ok }) => ok) ? 'wrong arguments' : 'rejected call';
	if (end.reason === 'turns') return 'limit';
	return isTold(goal, transcript) ? 'no call' : 'user gave up';
}

/** Did the user say every value of the goal? What the tool itself gave out (a name, an id) need not be said. */
function isTold(goal: Goal, transcript: Conversation['transcript']): boolean {
	const said = wordsOf(transcript.filter(({ role }) => role === 'user').map(({ content }) => content));
	const heard = wordsOf(transcript.filter(({ role }) => role === 'tool').map(({ content }) => content));
	return Object.values(goal.arguments).every((value) => {
		const text = ` ${String(value).toLowerCase()} `;
		return said.includes(text) || (typeof value === 'string' && heard.includes(text));
	});
}

/** Lower-case words between single spaces; a colon inside a time stays. */
function wordsOf(texts: readonly string[]): string {
	const words = texts
		.join(' ')
		.toLowerCase()
		.match(/[a-z0-9]+(?::[0-9]+)?/g);
	return ` ${(words ?? []).join(' ')} `;
}
