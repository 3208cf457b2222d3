import type { Domain, Slots } from '../../environment/travel/domains.ts';

/** What the user means by a turn. The scripted agent acts on this and never reads the words. */
export type UserAct =
	/** Asks for a row of a domain, adds to what was asked or repeats it. */
	| {
			readonly kind: 'request';
			readonly domain: Domain;
			readonly wanted: Slots;
			/** Slots on which the user has no preference. */
			readonly any: readonly string[];
			readonly booking: Slots;
	  }
	/** Wants the booking made or changed. */
	| { readonly kind: 'book'; readonly booking: Slots }
	| { readonly kind: 'bye' };

/** What the agent says by a turn: all that a user could read in its words. */
export type AgentAct =
	| { readonly kind: 'ask'; readonly slots: readonly string[] }
	/** A row: its key and the columns that were mentioned. */
	| { readonly kind: 'offer'; readonly said: Slots }
	| { readonly kind: 'none' }
	| { readonly kind: 'ask-booking'; readonly slots: readonly string[] }
	| { readonly kind: 'booked'; readonly said: Slots }
	| { readonly kind: 'anything-else' };

/** A turn in words, and what they mean. */
export interface Said<Act> {
	readonly text: string;
	readonly act: Act;
}
