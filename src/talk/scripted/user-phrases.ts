import type { Random } from '../../base/random.ts';
import { bookingDetails, describe, fragments } from '../../environment/travel/descriptions.ts';
import { slotsOf, type Domain, type Slots } from '../../environment/travel/domains.ts';
import { capital, list, say } from '../../environment/travel/grammar.ts';

/** How the user asks for something: "Hi, I need a cheap hotel in the north." */
export function sayRequest(random: Random, domain: Domain, slots: Slots, first: boolean): string {
	const what = describe(random, domain, slots);
	return first
		? say(
				random,
				'{||Hi. |Hello. |Hi there. |Good morning. }{I am looking for <what>.|I need <what>.|I want <what>.|I would like <what>.|Can you find me <what>?|Please find me <what>.|Do you have <what>?}',
				{ what }
			)
		: say(
				random,
				'{I also need <what>.|I am also looking for <what>.|Next I need <what>.|Now I want <what>.|Can you also find <what>?|Also, please find <what>.|I would also like <what>.}',
				{ what }
			);
}

/** More about what was asked for: "It should be in the north, with 3 stars." */
export function sayMore(random: Random, slots: Slots): string {
	const what = list(fragments(random, slots));
	return say(
		random,
		'{It should be|I want one|I would like it|Please find one|I need it|I prefer one} <what>.',
		{ what }
	);
}

/** The answer to a question about the search: known values, and "no preference" for the rest. */
export function sayPreferences(random: Random, wanted: Slots, any: readonly string[]): string {
	const parts: string[] = [];
	if (Object.keys(wanted).length > 0) {
		const what = list(fragments(random, wanted));
		parts.push(
			capital(say(random, '{<what>.|<what>, please.|It should be <what>.|I want one <what>.}', { what }))
		);
	}
	if (any.length > 0) {
		const answer =
			parts.length > 0
				? '{The rest does not matter.|No other preference.|Otherwise I do not mind.}'
				: '{No preference.|I do not mind.|It does not matter.|Any is fine.|I have no preference.}';
		parts.push(say(random, answer));
	}
	return parts.join(' ');
}

/** Nothing fitted: the user tries the other value. */
export function sayFallback(random: Random, slots: Slots): string {
	const what = list(fragments(random, slots));
	return say(
		random,
		'{How about one <what>?|Then try one <what>.|What about one <what>?|OK, then one <what>, please.|Is there one <what>?}',
		{
			what
		}
	);
}

/** The agent got something wrong, or says that nothing fits: the whole wish again. */
export function sayAgain(random: Random, domain: Domain, slots: Slots, wrong: boolean): string {
	const what = describe(random, domain, slots);
	return wrong
		? say(
				random,
				'{No, I need <what>.|That is not right. I need <what>.|Sorry, I asked for <what>.|No, I want <what>.}',
				{ what }
			)
		: say(
				random,
				'{Please check again. I need <what>.|Are you sure? I want <what>.|Can you look again? I need <what>.}',
				{ what }
			);
}

/** The user takes the offer: "Yes, please book the hotel for 3 people." */
export function sayBook(random: Random, domain: Domain, details: Slots): string {
	const how = bookingDetails(details);
	return say(
		random,
		'{Yes, please book|Great, book|Please book|Good, please reserve|Perfect, please book} {it|the <domain>} <how>.',
		{ domain, how }
	);
}

/** Details of the booking that the agent asked for: "For 3 people, please." */
export function sayDetails(random: Random, details: Slots): string {
	const what = bookingDetails(details);
	return capital(say(random, '{<what>.|<what>, please.|I need it <what>.|Please book it <what>.}', { what }));
}

/** The booking was confirmed with a wrong detail, or before this detail was named. */
export function sayChange(random: Random, domain: Domain, details: Slots, wrong: boolean): string {
	const what = bookingDetails(details);
	return wrong
		? say(random, '{No, it should be|That is wrong. I need the <domain>|No, I said} <what>.', {
				domain,
				what
			})
		: say(random, '{It should be|Please make sure it is|I need the <domain>} <what>.', { domain, what });
}

/** The offer is what the user wanted to know; nothing is to be booked. */
export function sayNoBooking(random: Random, domain: Domain): string {
	return slotsOf[domain].book.length > 0
		? say(
				random,
				'{Thanks, no booking.|Thank you, do not book the <domain>.|Good, but please do not book it.|Thanks, I will not book the <domain>.}',
				{ domain }
			)
		: say(random, '{Thanks.|Thank you.|Great.|Perfect, thank you.|Good.}');
}

export function sayThanks(random: Random): string {
	return say(random, '{|Thanks.|Thank you.|Great.|Perfect.}');
}

export function sayGiveUp(random: Random): string {
	return say(random, '{Never mind.|Then leave it.|OK, forget it.}');
}

export function sayBye(random: Random, stop: string): string {
	return say(
		random,
		'{That is all.|That is everything.|Nothing else.|No, that is all.} {|Thanks.|Thank you.|Bye.|Goodbye.} <stop>',
		{ stop }
	);
}
