import { parseJson } from '../base/json-read.ts';
import type { Json } from '../base/json.ts';
import { onlyThinks, type StoredMessage } from '../dialogue/message.ts';
import { isNoValue } from '../environment/earns.ts';
import type { Call } from '../environment/environment.ts';
import { SearchedText } from '../base/words.ts';
import type { Conversation } from './conversation.ts';

/**
 * Why a conversation missed a goal.
 * - `malformed call`: the agent wrote a call that could not be read. `error`: it or the user could not go on.
 * - `limit`: all agent turns were used up.
 * - `user gave up`: the user ended without having told what the goal needs.
 * - `no call`: the user told, the agent never called the tool. `rejected call`: it did, and was always refused.
 * - `wrong arguments`: a call was accepted, but not with what the goal asks for.
 * - `not reached`: a goal that is not a call did not come about.
 */
export const causes = [
	'no call',
	'wrong arguments',
	'rejected call',
	'malformed call',
	'user gave up',
	'limit',
	'error',
	'not reached'
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
		return last && isMalformedCall(last) ? 'malformed call' : 'error';
	}
	if (!goal.call) return end.reason === 'turns' ? 'limit' : 'not reached';
	const wanted = goal.call;
	const attempts = calls.filter(({ name }) => name === wanted.name);
	if (attempts.length > 0) return attempts.some(({ ok }) => ok) ? 'wrong arguments' : 'rejected call';
	if (end.reason === 'turns') return 'limit';
	return isTold(wanted, transcript) ? 'no call' : 'user gave up';
}

/** The agent keeps the text of a call that could not be read as a message that only it sees; so it does with thoughts that came alone. */
export function isMalformedCall(message: Conversation['transcript'][number]): boolean {
	return (
		message.role === 'assistant' &&
		message.seenBy === 'agent' &&
		!message.tool_calls?.length &&
		!onlyThinks(message)
	);
}

/**
 * Did the user say every value of a call? Names and ids that a tool gave out need not be said, and what has no words of its own (yes and no,
 * no value) cannot be looked for.
 */
export function isTold(call: Pick<Call, 'arguments'>, transcript: readonly StoredMessage[]): boolean {
	const contentOf = (speaker: 'user' | 'tool') =>
		transcript.filter(({ role }) => role === speaker).map(({ content }) => content);
	const said = new SearchedText(contentOf('user'));
	const heard = new SearchedText(contentOf('tool').flatMap(textsIn));
	return Object.values(call.arguments)
		.flatMap(valuesIn)
		.every((value) => said.has(value) || (!isCount(value) && heard.has(value)));
}

/** Texts and numbers at any depth. */
function valuesIn(value: Json): (string | number | bigint)[] {
	if (value === null || typeof value === 'boolean' || isNoValue(value)) return [];
	if (typeof value !== 'object') return [value];
	return (Object.values(value) as Json[]).flatMap(valuesIn);
}

/** A small number may be in any result without being meant. */
function isCount(value: string | number | bigint): boolean {
	return typeof value === 'number' && Math.abs(value) < 1000;
}

/** What the result of a call holds, without the escapes of JSON. */
function textsIn(content: string): string[] {
	try {
		return valuesIn(parseJson(content)).map(String);
	} catch {
		return [content];
	}
}
