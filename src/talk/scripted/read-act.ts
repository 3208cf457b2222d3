import { plainText } from '../../base/words.ts';
import { slotsOf, type Domain, type Slots } from '../../environment/travel/domains.ts';
import {
	areas,
	attractionTypes,
	days,
	foods,
	hotelKinds,
	prices,
	restaurantKinds
} from '../../environment/travel/words.ts';
import type { AgentAct } from './acts.ts';

/**
 * What an agent says by its words, as far as a scripted user acts on it: made for models that talk in ordinary English, and right about
 * whatever the scripted agent says.
 * @param domain of the task under way: it decides what a day or a time is asked for
 * @param name the user's wish for a place or a train by name or id, if it has one
 * @returns `undefined` if the words cannot be told
 */
export function readAct(text: string, domain: Domain, name?: string): AgentAct | undefined {
	const plain = plainText(text);
	const low = plain.toLowerCase();
	// Whether to book is no question for details, and whether there is more is none at all.
	const asking = low
		.split(/(?<=[.!?])\s+/)
		.filter((sentence) => isRequest.test(sentence) && !offersHelp.test(sentence));
	const asked = slotsAskedFor(asking.join(' '), domain);
	const refused =
		/(did not|didn't|could not|couldn't) (work|be made|go through|book|complete)|booking (has )?failed/.test(
			low
		);
	if (isBooked.test(low) && !refused && asked.length === 0)
		return { kind: 'booked', said: detailsIn(low, domain) };
	if (asked.length > 0 && !mentionsRow(plain, domain)) {
		const { search, book } = slotsOf[domain];
		const searched = asked.filter((slot) => search.includes(slot));
		if (searched.length > 0) return { kind: 'ask', slots: searched };
		return { kind: 'ask-booking', slots: asked.filter((slot) => book.includes(slot)) };
	}
	if (findsNothing.test(low)) return { kind: 'none' };
	if (mentionsRow(plain, domain) || wantsToBook.test(low))
		return { kind: 'offer', said: columnsIn(plain, domain, name) };
	if (
		offersHelp.test(low) ||
		/you(?:'re| are) welcome|my pleasure|glad to help|have a (great|nice|good)/.test(low)
	)
		return { kind: 'anything-else' };
	return undefined;
}

const isRequest =
	/\?|\b(please (tell|let|give|provide|share|specify)|i need (the|to know|your)|could you (tell|share|provide)|let me know)\b/;
const offersHelp =
	/anything else|something else|what else|how (can|may) i help|further assistance|other (request|question)/;
const isBooked =
	/\b(reference|confirmation)\b(?! number\?)|\b(is|are|has been|have been|all|now|successfully) (booked|reserved|confirmed)\b|\b(i|we)(?:'ve| have)?(?: just| now| successfully)? (booked|reserved)\b/;
const findsNothing =
	/\b(no|not any|any) (such|\w+ (like that|match\w*|available|that (fit|match)\w*)|match\w*|results?|availab\w*|options?)\b|found no\b|(could|can|did)(?: not|n't) find|nothing (fits|match\w*|available|found)|there (is|are|were) no\b|unable to find|not available/;
const wantsToBook =
	/\b(shall|should|may|can) i (book|reserve)|(would|do) you (like|want) (me )?to (book|reserve)|like (me )?to (make|go ahead)/;

const questions: readonly (readonly [slot: string, pattern: RegExp])[] = [
	['area', /\barea\b|\bwhere should it\b|which part|what part|\blocation\b/],
	['price', /\bpric\w*\b|budget|cheap, moderate/],
	['stars', /\bstars?\b|star rating|\brating\b/],
	['food', /\bfood\b|cuisine/],
	['type', /\btype\b|kind of (place|attraction)|like to see|sort of (place|attraction)/],
	[
		'from',
		/\bfrom where\b|where (do|will|would|are) you (\w+ )?(start|leav|depart|travel|com)\w*|\bstart\b|\bdeparture (point|city|town|station|location)|pick(ed)?[- ]?up( location| point)?\b|departing from|leaving from/
	],
	[
		'to',
		/\bto where\b|destination|where (do|will|would) you (want|like) to go|where are you (going|heading)|drop(ped)?[- ]?off/
	],
	['day', /\bday\b|\bdate\b|\bwhen (would|do) you (like|want) (to (stay|dine|eat|check)|the)/],
	['leave', /\btime\b|when do you want to leave|when would you like to (leave|depart|travel)/],
	['time', /\btime\b|\bwhen\b(?! all)/],
	[
		'people',
		/how many (people|guests|persons|travel\w*|tickets|passengers)|number of (people|guests|persons|travel\w*|passengers|tickets)|party size|how many of you|for how many\b(?! nights)/
	],
	[
		'nights',
		/how many nights|number of nights|how long (will|would|do|are) you|length of (your )?stay|for how many nights/
	]
];

/** The slots of a domain that questions ask for, in the order of its search and booking. */
function slotsAskedFor(sentences: string, domain: Domain): string[] {
	if (sentences === '' || (wantsToBook.test(sentences) && !/\bhow many|which day|what time/.test(sentences)))
		return [];
	const { search, book } = slotsOf[domain];
	return [...search, ...book].filter(
		(slot, index, all) =>
			all.indexOf(slot) === index &&
			questions.some(([one, pattern]) => one === slot && pattern.test(sentences))
	);
}

const kindsOf: Readonly<Record<Domain, readonly string[]>> = {
	hotel: hotelKinds,
	restaurant: restaurantKinds,
	attraction: attractionTypes.map((type) => type.charAt(0).toUpperCase() + type.slice(1)),
	train: [],
	taxi: []
};

/** A name ends with the kind of its place, as `Amber Fox Inn`; a train has an id. */
function namesIn(text: string, domain: Domain): string[] {
	if (domain === 'train') return text.match(/\bTR\d{4}\b/g) ?? [];
	const kinds = kindsOf[domain];
	if (kinds.length === 0) return [];
	return text.match(new RegExp(`\\b(?:[A-Z][a-z]+ ){1,3}(?:${kinds.join('|')})\\b`, 'g')) ?? [];
}

function mentionsRow(text: string, domain: Domain): boolean {
	return namesIn(text, domain).length > 0;
}

/** The columns of an offered row that were mentioned. */
function columnsIn(text: string, domain: Domain, name: string | undefined): Slots {
	const names = namesIn(text, domain);
	// Names hold words that look like values: Golden Park is no park to be corrected.
	const rest = names.reduce((left, one) => left.replaceAll(one, ' '), text).toLowerCase();
	const found: Record<string, string | number> = {};
	const key = slotsOf[domain].key ?? 'name';
	const [first] = names;
	if (first !== undefined)
		found[key] = names.find((one) => name !== undefined && one.endsWith(name)) ?? first;
	const word = (values: readonly string[]) => values.find((value) => new RegExp(`\\b${value}\\b`).test(rest));
	const set = (slot: string, value: string | number | undefined) => {
		if (value !== undefined && slotsOf[domain].search.includes(slot)) found[slot] = value;
	};
	set('area', word(areas));
	set('price', word(prices));
	set('stars', numberIn(rest, /\b([1-5]|two|three|four|five)[- ]stars?\b/));
	set('food', word(foods));
	set('type', word(attractionTypes));
	set('day', word(days));
	set('leave', /\b\d{2}:\d{2}\b/.exec(rest)?.[0]);
	set('from', townAfter(text, 'from'));
	set('to', townAfter(text, 'to'));
	return found;
}

/** The details of a booking that were confirmed. */
function detailsIn(low: string, domain: Domain): Slots {
	const found: Record<string, string | number> = {};
	const { book } = slotsOf[domain];
	const set = (slot: string, value: string | number | undefined) => {
		if (value !== undefined && book.includes(slot)) found[slot] = value;
	};
	set(
		'people',
		numberIn(
			low,
			/\b(\d+|one|two|three|four|five|six|seven|eight) (people|persons?|guests?|passengers?|tickets?|travell?ers?)\b/
		)
	);
	set(
		'day',
		days.find((day) => new RegExp(`\\b${day}\\b`).test(low))
	);
	set('nights', numberIn(low, /\b(\d+|one|two|three|four|five|six|seven) nights?\b/));
	set('time', /\b\d{2}:\d{2}\b/.exec(low)?.[0]);
	return found;
}

const numberWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

function numberIn(text: string, pattern: RegExp): number | undefined {
	const written = pattern.exec(text)?.[1];
	if (written === undefined) return undefined;
	const word = numberWords.indexOf(written);
	return word >= 0 ? word : Number(written);
}

function townAfter(text: string, word: 'from' | 'to'): string | undefined {
	return new RegExp(`\\b${word} ([A-Z][a-z]+)\\b`).exec(text)?.[1];
}
