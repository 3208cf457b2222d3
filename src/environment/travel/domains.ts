import type { Json } from '../../base/json.ts';
import { areas, attractionTypes, days, foods, prices, starCounts } from './words.ts';

/** What a user can ask for. A taxi is only booked; an attraction is only searched for. */
export const domains = ['hotel', 'restaurant', 'attraction', 'train', 'taxi'] as const;
export type Domain = (typeof domains)[number];

/** Values by slot; a slot is the argument of a tool with the same name. */
export type Slots = Readonly<Record<string, string | number>>;

interface DomainSlots {
	/** The column that tells one row from another; `null` where nothing is looked up. */
	readonly key: 'name' | 'id' | null;
	/** What a search can ask for, besides the key; empty where there is no search. */
	readonly search: readonly string[];
	/** What a booking needs, besides the key; empty where there is no booking. */
	readonly book: readonly string[];
}

export const slotsOf: Readonly<Record<Domain, DomainSlots>> = {
	hotel: { key: 'name', search: ['area', 'price', 'stars'], book: ['people', 'day', 'nights'] },
	restaurant: { key: 'name', search: ['area', 'price', 'food'], book: ['people', 'day', 'time'] },
	attraction: { key: 'name', search: ['area', 'price', 'type'], book: [] },
	train: { key: 'id', search: ['from', 'to', 'day', 'leave'], book: ['people'] },
	taxi: { key: null, search: [], book: ['from', 'to', 'time'] }
};

/** Every value that a column of few values can have; times, names and towns are not listed. */
export const valuesOf: Readonly<Record<string, readonly (string | number)[]>> = {
	area: areas,
	price: prices,
	stars: starCounts,
	food: foods,
	type: attractionTypes,
	day: days
};

/** The slots in the given order, those without a value left out. Calls list their arguments like this. */
export function inOrder(order: readonly string[], slots: Readonly<Record<string, Json | undefined>>): Slots {
	const ordered: Record<string, string | number> = {};
	for (const slot of order) {
		const value = slots[slot];
		if (typeof value === 'string' || typeof value === 'number') ordered[slot] = value;
	}
	return ordered;
}
