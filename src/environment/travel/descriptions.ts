import type { Random } from '../../base/random.ts';
import type { Domain, Slots } from './domains.ts';
import { say, withArticle } from './grammar.ts';

const nounOf: Readonly<Record<Domain, string>> = {
	hotel: '{hotel|hotel|place to stay}',
	restaurant: '{restaurant|restaurant|place to eat}',
	attraction: '{attraction|place to visit|place to see}',
	train: 'train',
	taxi: 'taxi'
};

/**
 * A noun phrase that says exactly the given slots: "a cheap hotel in the north with 3 stars". Values stand as they do in the
 * tables (lower-case days, digits, whole names), so that a small model can copy them.
 */
export function describe(random: Random, domain: Domain, slots: Slots): string {
	const { name, area, price, stars, food, type, from, to, day, leave, time } = slots;
	if (name !== undefined) {
		return say(random, '{the <domain>|<one> called|<one> named} <name>', {
			domain,
			one: withArticle(domain),
			name
		});
	}
	const before: string[] = [];
	const after: string[] = [];
	if (price !== undefined) {
		if (price !== 'moderate' && random.chance(0.7)) before.push(String(price));
		else after.push(say(random, '{with <price> prices|in the <price> price range}', { price }));
	}
	if (stars !== undefined) {
		if (random.chance(0.5)) before.push(`${stars}-star`);
		else after.push(`with ${stars} stars`);
	}
	if (food !== undefined) {
		if (random.chance(0.65)) before.push(String(food));
		else after.push(`with ${food} food`);
	}
	if (area !== undefined) after.push(say(random, 'in the <area>{| | of town}', { area }));
	const places = random.shuffle(after);
	if (from !== undefined) places.push(`from ${from}`);
	if (to !== undefined) places.push(`to ${to}`);
	if (day !== undefined) places.push(`on ${day}`);
	if (leave !== undefined)
		places.push(say(random, '{leaving after|after|departing after} <leave>', { leave }));
	if (time !== undefined) places.push(`at ${time}`);
	const noun = type === undefined ? say(random, nounOf[domain]) : String(type);
	return withArticle([...before, noun, ...places].join(' '));
}

/** One slot as it follows a noun: "in the north", "with thai food", "for 3 people", "at 18:15". */
export function fragment(slot: string, value: string | number): string {
	switch (slot) {
		case 'area':
			return `in the ${value}`;
		case 'stars':
			return `with ${value} stars`;
		case 'food':
			return `with ${value} food`;
		case 'type':
			return `that is ${withArticle(String(value))}`;
		case 'price':
			return `with ${value} prices`;
		case 'name':
			return `called ${value}`;
		case 'from':
			return `from ${value}`;
		case 'to':
			return `to ${value}`;
		case 'day':
			return `on ${value}`;
		case 'leave':
			return `after ${value}`;
		case 'time':
			return `at ${value}`;
		case 'people':
			return value === 1 ? 'for 1 person' : `for ${value} people`;
		case 'nights':
			return value === 1 ? 'over 1 night' : `over ${value} nights`;
		default:
			return String(value);
	}
}

/** Details of a booking, each after a word of its own, in the order of the slots: "for 3 people on monday over 2 nights". */
export function bookingDetails(slots: Slots): string {
	return Object.entries(slots)
		.map(([slot, value]) => fragment(slot, value))
		.join(' ');
}

/** Several slots as parts of a sentence, in random order. */
export function fragments(random: Random, slots: Slots): string[] {
	return random.shuffle(Object.entries(slots)).map(([slot, value]) => fragment(slot, value));
}
