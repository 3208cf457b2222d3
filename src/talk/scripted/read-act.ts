import { plainText } from '../../base/words.ts';
import { inOrder, slotsOf, type Domain, type Slots } from '../../environment/travel/domains.ts';
import { capital } from '../../environment/travel/grammar.ts';
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
 * What an agent says by its words, as far as a scripted user acts on it: made for models that talk in ordinary English, and
 * right about whatever the scripted agent says.
 * @param domain of the task under way: it decides what a day or a time is asked for
 * @param name the user's wish for a place or a train by name or id, if it has one
 * @returns `undefined` if the words cannot be told
 */
export function readAct(text: string, domain: Domain, name?: string): AgentAct | undefined {
	const plain = plainText(text);
	const low = plain.toLowerCase();
	const { key, search, book } = slotsOf[domain];
	const sentences = plain.split(/(?<=[.!?])\s+|\n+/);
	const asked = slotsAskedFor(sentences.filter((sentence) => isQuestion(sentence, domain)).join(' '), domain);
	if (isBooked.test(low) && !isRefused.test(low) && asked.length === 0)
		return { kind: 'booked', said: detailsIn(plain, domain) };
	// Before the questions: after a search in vain, which other area it should be is no question for the wish.
	if (sentences.some((sentence) => !sentence.includes('?') && findsNothing.test(sentence.toLowerCase())))
		return { kind: 'none' };
	const said = columnsIn(plain, domain, name);
	const details = asked.filter((slot) => book.includes(slot) && !search.includes(slot));
	if (key && said[key] !== undefined) {
		// A user who is told more than a name may have to correct it first, and names details as it accepts.
		const isNewToUser = Object.keys(said).length > 1 || (name !== undefined && said[key] !== name);
		return details.length > 0 && !isNewToUser
			? { kind: 'ask-booking', slots: details }
			: { kind: 'offer', said };
	}
	const searched = asked.filter((slot) => search.includes(slot));
	if (searched.length > 0) return { kind: 'ask', slots: searched };
	if (details.length > 0) return { kind: 'ask-booking', slots: details };
	if (wantsToBook.test(low)) return { kind: 'offer', said };
	if (offersHelp.test(low) || isFarewell.test(low)) return { kind: 'anything-else' };
	return undefined;
}

const isRequest =
	/\?|\b(please (tell|let|give|provide|share|specify)|(i|it) needs? (the|to know|your)|could you (tell|share|provide)|let me know)\b/;
const offersHelp =
	/anything else|something else|what else|how (can|may) i help|further assistance|other (request|question)/;
const isFarewell = /you(?:'re| are) welcome|my pleasure|glad to help|have a (great|nice|good)|good ?bye/;
const isRefused =
	/(did not|didn't|could not|couldn't) (work|be made|go through|book|complete)|booking (has )?failed/;
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
		/\bfrom where\b|where (do|will|would|are) you (\w+ )?(start|leav|depart|travel|com)\w*|\bstart\b|\bdeparture (point|city|town|station|location)|pick(ed)?[- ]?(you )?up( location| point)?\b|departing from|leaving from/
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
	['nights', /(?<!\d )\bnights\b|how long (will|would|do|are) you|length of (your )?stay/]
];

/** Whether to book is no question for details, nor is an offer that ends in a question mark, unless it asks how many or when. */
function isQuestion(sentence: string, domain: Domain): boolean {
	const low = sentence.toLowerCase();
	if (!isRequest.test(low) || offersHelp.test(low)) return false;
	if (/\b(how many|how long|which day|(what|which) (time|day|date)|when)\b/.test(low)) return true;
	return !wantsToBook.test(low) && namesIn(sentence, domain).length === 0;
}

/** The slots of a domain that questions ask for, in the order of its search and booking. */
function slotsAskedFor(asking: string, domain: Domain): string[] {
	const { search, book } = slotsOf[domain];
	const low = asking.toLowerCase();
	return [...new Set([...search, ...book])].filter((slot) =>
		questions.some(([one, pattern]) => one === slot && pattern.test(low))
	);
}

const kindsOf: Readonly<Record<Exclude<Domain, 'train' | 'taxi'>, readonly string[]>> = {
	hotel: hotelKinds,
	restaurant: restaurantKinds,
	attraction: attractionTypes.map(capital)
};
const nameOf = (kinds: readonly string[]) => `(?!The )(?:[A-Z][a-z]+ ){1,3}(?:${kinds.join('|')})\\b`;
const anyName = nameOf(Object.values(kindsOf).flat());

/** A name ends with the kind of its place, as `Amber Fox Inn`; a train has an id. */
function namesIn(text: string, domain: Domain): string[] {
	if (domain === 'taxi') return [];
	const pattern = domain === 'train' ? /\bTR\d{4}\b/gi : new RegExp(`\\b${nameOf(kindsOf[domain])}`, 'g');
	return text.match(pattern) ?? [];
}

/** The columns of an offered row that were mentioned. */
function columnsIn(text: string, domain: Domain, name: string | undefined): Slots {
	const names = namesIn(text, domain);
	// Names hold words that look like values: Golden Park is no park to be corrected.
	const rest = names.reduce((left, one) => left.replaceAll(one, ' '), text).toLowerCase();
	const wished = name !== undefined && names.some((one) => one.endsWith(name)) ? name : undefined;
	const { key, search } = slotsOf[domain];
	return inOrder([...(key ? [key] : []), ...search], {
		name: wished ?? names[0],
		id: wished ?? names[0]?.toUpperCase(),
		area: wordIn(rest, areas),
		price: wordIn(rest, prices),
		stars: numberIn(rest, `${numeral}[- ]stars?\\b|\\bstars?(?: rating)?(?::| of) ${numeral}`),
		food: wordIn(rest, foods),
		type: wordIn(rest, attractionTypes),
		day: wordIn(rest, days),
		leave: timeIn(rest),
		from: placeAfter('from', text, '[A-Z][a-z]+'),
		to: placeAfter('to', text, '[A-Z][a-z]+')
	});
}

/** The details of a booking that were confirmed. */
function detailsIn(text: string, domain: Domain): Slots {
	const low = text.toLowerCase();
	const guests = 'people|persons?|guests?|passengers?|tickets?|travell?ers?';
	return inOrder(slotsOf[domain].book, {
		people: numberIn(low, `${numeral} (?:${guests})\\b|\\b(?:table for|party of) ${numeral}`),
		day: wordIn(low, days),
		nights: numberIn(low, `${numeral} nights?\\b`),
		time: timeIn(low),
		from: placeAfter('from', text, anyName),
		to: placeAfter('to', text, anyName)
	});
}

const numberWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
const numeral = `\\b(\\d+|${numberWords.join('|')})\\b`;

/** The first number that any alternative of the pattern captures. */
function numberIn(text: string, pattern: string): number | undefined {
	const written = new RegExp(pattern).exec(text)?.slice(1).find(Boolean);
	if (written === undefined) return undefined;
	const word = numberWords.indexOf(written);
	return word >= 0 ? word : Number(written);
}

/** The value that comes first in the text: from Sunday to Tuesday begins on Sunday. */
function wordIn(text: string, values: readonly string[]): string | undefined {
	return new RegExp(`\\b(?:${values.join('|')})\\b`).exec(text)?.[0];
}

/** The first time of day, as the tables write it: 18:15 for 6:15 pm. */
function timeIn(text: string): string | undefined {
	const found = /\b(\d{1,2}):(\d{2})(?: ?([ap])\.?m\b)?|\b(\d{1,2}) ?([ap])\.?m\b/.exec(text);
	if (!found) return undefined;
	const hour = Number(found[1] ?? found[4]);
	const half = found[3] ?? found[5];
	const hours = half ? (hour % 12) + (half === 'p' ? 12 : 0) : hour;
	return `${String(hours).padStart(2, '0')}:${found[2] ?? '00'}`;
}

function placeAfter(word: 'from' | 'to', text: string, place: string): string | undefined {
	return new RegExp(`\\b${word} (?:the )?(${place})`).exec(text)?.[1];
}
