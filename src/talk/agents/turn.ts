import type { StoredMessage } from '../../dialogue/message.ts';
import type { Transcript } from '../participants.ts';

/** Model calls in one turn at the most (josh-behaviour, section 5). */
export const maxModelCalls = 3;

/** What is said when they are used up. */
export function ranOut(seenBy: StoredMessage['seenBy']): StoredMessage {
	return { role: 'assistant', content: 'Error: Agent ran out of retries.', seenBy };
}

/** How many of its replies in the turn under way an agent has had already: those since the user last spoke. */
export function callsInTurn(transcript: Transcript): number {
	const last = transcript.findLastIndex(({ role, seenBy }) => role === 'user' && seenBy !== 'agent');
	return transcript.slice(last + 1).filter(({ role, seenBy }) => role === 'assistant' && seenBy === 'agent')
		.length;
}
