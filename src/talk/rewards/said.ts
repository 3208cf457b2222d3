import { options } from '../../base/options.ts';
import { SearchedText } from '../../base/words.ts';
import type { StoredMessage } from '../../dialogue/message.ts';
import type { SaidGoal } from '../../environment/environment.ts';
import { rewardPart } from './reward-part.ts';

/**
 * What the agent says aloud: each goal names words or numbers of which one must be said, and such as must not be. A step that says what must
 * not be said earns nothing, and a conversation in which it was said is worth nothing for that goal.
 */
export const said = rewardPart({
	kind: 'said',
	version: 1,
	label: 'Words said',
	options: options({}),
	unfit: ({ says }) => (says?.length ? undefined : 'it does not say which words are wanted ("says")'),
	create(_options, { scenario: { says = [] } }) {
		return {
			goals: says.map(({ id, any, not = [] }) => ({
				id,
				label: `says ${any.join(' or ')}${not.length > 0 ? `, not ${not.join(' or ')}` : ''}`
			})),
			async match({ messages, transcript }, left) {
				const words = new SearchedText(aloud(messages));
				const all = new SearchedText(aloud(transcript));
				return left.filter((position) => isSaid(says[position]!, words) && !isBroken(says[position]!, all));
			},
			async score({ transcript }) {
				const words = new SearchedText(aloud(transcript));
				return says.map((goal) => ({
					name: `said ${goal.id}`,
					value: Number(isSaid(goal, words) && !isBroken(goal, words))
				}));
			}
		};
	}
});

function aloud(messages: readonly StoredMessage[]): string[] {
	return messages.flatMap(({ role, seenBy, content }) =>
		role === 'assistant' && seenBy !== 'agent' ? [content] : []
	);
}

function isSaid({ any }: SaidGoal, words: SearchedText): boolean {
	return any.some((value) => has(words, value));
}

function isBroken({ not = [] }: SaidGoal, words: SearchedText): boolean {
	return not.some((value) => has(words, value));
}

/** Numbers are found in whatever digits they are written: 1,200 and 1200. */
function has(words: SearchedText, value: string): boolean {
	return words.has(/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value);
}
