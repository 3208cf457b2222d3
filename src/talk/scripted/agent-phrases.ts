import type { JsonObject } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { bookingDetails, fragment, fragments } from '../../environment/travel/descriptions.ts';
import { inOrder, slotsOf, type Domain, type Slots } from '../../environment/travel/domains.ts';
import { list, say, withArticle } from '../../environment/travel/grammar.ts';

const questionOf: Readonly<Record<string, string>> = {
	area: '{Which area would you like?|Where should it be?|In which area?}',
	price: '{What price would you like?|Cheap, moderate or expensive?|What is your price range?}',
	stars: '{How many stars?|How many stars should it have?}',
	food: '{What kind of food?|Which food would you like?}',
	type: '{What kind of place?|What would you like to see?}',
	from: '{Where do you start?|From where?|Where do you leave from?}',
	to: '{Where do you want to go?|To where?|What is your destination?}',
	day: '{Which day?|For which day?|What day would you like?}',
	leave: '{When do you want to leave?|After what time?|What time would you like to leave?}',
	time: '{At what time?|What time?|What time would you like?}',
	people: '{How many people?|For how many people?}',
	nights: '{How many nights?|For how many nights?}'
};

const nameOf: Readonly<Record<string, string>> = {
	area: 'area',
	price: 'price',
	stars: 'number of stars',
	food: 'food',
	type: 'type',
	from: 'start',
	to: 'destination',
	day: 'day',
	leave: 'time',
	time: 'time',
	people: 'number of people',
	nights: 'number of nights'
};

/** A question for one or more slots. */
export function sayAsk(random: Random, slots: readonly string[]): string {
	if (slots.length === 1) return say(random, questionOf[slots[0]!]!);
	const what = list(slots.map((slot) => nameOf[slot]!));
	return say(
		random,
		'{What <what> would you like?|Please tell me the <what>.|Which <what>?|I need the <what>.}',
		{ what }
	);
}

/** An offer of a row, and which of its columns were mentioned. */
export function sayOffer(random: Random, domain: Domain, row: JsonObject): { text: string; said: Slots } {
	return domain === 'train' ? offerTrain(random, row) : offerPlace(random, domain, row);
}

function offerPlace(random: Random, domain: Domain, row: JsonObject): { text: string; said: Slots } {
	const { search } = slotsOf[domain];
	const count = random.pick([0, 1, 1, 2, 2, 3]);
	const columns = random.sample(search, count);
	const said = inOrder(['name', ...search.filter((slot) => columns.includes(slot))], row);
	const { name, ...rest } = said;
	const { type, ...others } = rest;
	const noun = type === undefined ? domain : String(type);
	const how = fragments(random, others).join(' ');
	const about = type === undefined && how === '' ? '' : `${withArticle(noun)} ${how}`;
	const text = about
		? say(
				random,
				'{<name> is <about>.|There is <name>, <about>.|I found <name>, <about>.|How about <name>, <about>?}',
				{
					name: name!,
					about
				}
			)
		: say(random, '{I found <name>.|There is <name>.|How about <name>?|I suggest <name>.}', { name: name! });
	return { text: `${text} ${sayShallIBook(random, domain)}`.trim(), said };
}

function offerTrain(random: Random, row: JsonObject): { text: string; said: Slots } {
	const columns = random.pick([
		['id', 'leave'],
		['id', 'leave', 'day'],
		['id', 'from', 'to', 'leave'],
		['id', 'from', 'to', 'day', 'leave']
	]);
	const said = inOrder(columns, row);
	const { id, leave, ...rest } = said;
	const how = Object.entries(rest)
		.map(([slot, value]) => fragment(slot, value))
		.join(' ');
	const text = say(
		random,
		'{<id> leaves <how> at <leave>.|Train <id> leaves <how> at <leave>.|There is <id> <how> at <leave>.|I found <id>, leaving <how> at <leave>.}',
		{
			id: id!,
			how,
			leave: leave!
		}
	);
	return { text: `${text} ${sayShallIBook(random, 'train')}`, said };
}

function sayShallIBook(random: Random, domain: Domain): string {
	return slotsOf[domain].book.length > 0
		? say(
				random,
				'{Shall I book|Would you like to book|Do you want me to book|Should I book} the <domain>?',
				{ domain }
			)
		: say(random, '{|Anything else?|Is that fine?|Can I help with anything else?}');
}

export function sayNone(random: Random, domain: Domain): string {
	return say(
		random,
		'{Sorry, there is no such <domain>.|Sorry, I found no <domain> like that.|I could not find any <domain> like that.|Sorry, nothing fits.} {|Would you like something else?|Shall I look for something else?}',
		{
			domain
		}
	);
}

/** A confirmation, with or without the details that were booked, always with a reference. */
export function sayBooked(
	random: Random,
	domain: Domain,
	details: Slots,
	reference: string
): { text: string; said: Slots } {
	const said = random.chance(0.6) ? details : {};
	const how = bookingDetails(said);
	const text = say(
		random,
		'{The <domain> is booked <how>.|Done, the <domain> is booked <how>.|I booked the <domain> <how>.} {The reference is|Your reference is|Reference:} <reference>. {||Anything else?|Can I help with anything else?|Is there anything else?}',
		{ domain, how, reference }
	);
	return { text, said };
}

export function sayAnythingElse(random: Random): string {
	return say(
		random,
		'{Is there anything else?|Anything else?|Can I help with anything else?|What else can I do for you?}'
	);
}

/** The words after a booking that the desk refused, before the question for what it lacked. */
export function saySorry(random: Random): string {
	return say(random, '{Sorry, that did not work.|Sorry, the booking failed.}');
}
