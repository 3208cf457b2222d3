import type { Random } from '../../base/random.ts';
import {
	adjectives,
	areas,
	attractionTypes,
	days,
	foods,
	hotelKinds,
	nouns,
	prices,
	restaurantKinds,
	starCounts,
	townBeginnings,
	townEndings
} from './words.ts';

export type Hotel = { name: string; area: string; price: string; stars: number };
export type Restaurant = { name: string; area: string; price: string; food: string };
export type Attraction = { name: string; area: string; price: string; type: string };
/** Trains leave at 5, 20, 35 or 50 past: never at a quarter hour, so that "after 09:15" has one meaning. */
export type Train = { id: string; from: string; to: string; day: string; leave: string };

export interface World {
	readonly hotel: readonly Hotel[];
	readonly restaurant: readonly Restaurant[];
	readonly attraction: readonly Attraction[];
	readonly train: readonly Train[];
}

const places = 100;
const towns = 6;
/** Pairs of towns with a day; each has one to three trains. */
const lines = 50;

/** A world of its own for every random source: new names, new rows, the same words and columns. */
export function generateWorld(random: Random): World {
	const names = new Set<string>();
	const rows = <Row>(make: () => Row): Row[] => Array.from({ length: places }, make);
	return {
		hotel: rows(() => ({
			name: newName(random, names, random.pick(hotelKinds)),
			area: random.pick(areas),
			price: random.pick(prices),
			stars: random.pick(starCounts)
		})),
		restaurant: rows(() => ({
			name: newName(random, names, random.pick(restaurantKinds)),
			area: random.pick(areas),
			price: random.pick(prices),
			food: random.pick(foods)
		})),
		attraction: rows(() => {
			const type = random.pick(attractionTypes);
			const kind = type.charAt(0).toUpperCase() + type.slice(1);
			return {
				name: newName(random, names, kind),
				area: random.pick(areas),
				price: random.pick(prices),
				type
			};
		}),
		train: generateTrains(random)
	};
}

/** "Amber Fox Inn", seldom "Amber Inn" or "Fox Inn"; no two places share a name. */
function newName(random: Random, taken: Set<string>, kind: string): string {
	for (;;) {
		const form = random.next();
		const front =
			form < 0.7
				? `${random.pick(adjectives)} ${random.pick(nouns)}`
				: form < 0.85
					? random.pick(adjectives)
					: random.pick(nouns);
		const name = `${front} ${kind}`;
		if (taken.has(name)) continue;
		taken.add(name);
		return name;
	}
}

/** Sorted by departure, so that the first row of a search is the earliest train. */
function generateTrains(random: Random): Train[] {
	const names = new Set<string>();
	while (names.size < towns) names.add(random.pick(townBeginnings) + random.pick(townEndings));
	const ids = new Set<string>();
	const newId = (): string => {
		for (;;) {
			const id = `TR${random.integer(1000, 9999)}`;
			if (ids.has(id)) continue;
			ids.add(id);
			return id;
		}
	};
	const trains = Array.from({ length: lines }, () => {
		const [from, to] = random.sample([...names], 2) as [string, string];
		const day = random.pick(days);
		const count = random.integer(1, 3);
		const leaves = new Set(Array.from({ length: count }, () => time(random, 5, 21, 5)));
		return [...leaves].map((leave) => ({ id: newId(), from, to, day, leave }));
	}).flat();
	return trains.sort((a, b) => (a.leave < b.leave ? -1 : a.leave > b.leave ? 1 : a.id < b.id ? -1 : 1));
}

/** "18:15": a time of day at a quarter of an hour, or `past` minutes after one. */
export function time(random: Random, firstHour: number, lastHour: number, past = 0): string {
	const minutes = past + 15 * random.integer(0, 3);
	return `${String(random.integer(firstHour, lastHour)).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
