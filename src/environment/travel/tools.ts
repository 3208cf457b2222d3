import type { JsonObject } from '../../base/json.ts';
import type { PackTool } from '../pack-format.ts';
import { areas, attractionTypes, foods, prices } from './words.ts';

const text = (description: string): JsonObject => ({ type: 'string', description });
const count = (description: string): JsonObject => ({ type: 'integer', minimum: 1, description });
const oneOf = (values: readonly string[]): JsonObject => text(values.join(', '));
const clock = (description: string): JsonObject => ({
	type: 'string',
	pattern: '^[0-2][0-9]:[0-5][0-9]$',
	description: `${description}, HH:MM`
});

const name = text('Whole name');
const day = text('Day of the week, lower-case');
const people = count('Number of people');

function parameters(properties: JsonObject, required: readonly string[] = []): JsonObject {
	return { type: 'object', properties, required, additionalProperties: false };
}

function search(table: string, description: string, properties: JsonObject, rest: object = {}): PackTool {
	const found = 'Returns the first row that fits, or an empty list.';
	return {
		name: `search_${table}`,
		description: `${description} ${found}`,
		parameters: parameters(properties),
		do: { op: 'select', from: table, limit: 1, ...rest }
	};
}

/** Every argument is needed, becomes a column of the booking, and the key says which row is booked. */
function book(table: string, description: string, properties: JsonObject, key?: string): PackTool {
	const columns = Object.keys(properties);
	return {
		name: `book_${table}`,
		description: `${description} Returns the reference.`,
		parameters: parameters(properties, columns),
		do: {
			op: 'insert',
			into: 'booking',
			...(key && { lookup: { from: table, where: { [key]: `$args.${key}` } } }),
			row: {
				ref: '$ref',
				kind: table,
				...Object.fromEntries(
					columns.map((column) => [column, column === key ? `$row.${key}` : `$args.${column}`])
				)
			},
			return: ['ref']
		}
	};
}

/** Few parameters with short names, and one short row for an answer: a small model reads and writes all of it. */
export const tools: readonly PackTool[] = [
	search('hotel', 'Search a hotel.', {
		name,
		area: oneOf(areas),
		price: oneOf(prices),
		stars: count('Stars, 2 to 5')
	}),
	book('hotel', 'Book a hotel.', { name, people, day, nights: count('Number of nights') }, 'name'),
	search('restaurant', 'Search a restaurant.', {
		name,
		area: oneOf(areas),
		price: oneOf(prices),
		food: oneOf(foods)
	}),
	book('restaurant', 'Book a table at a restaurant.', { name, people, day, time: clock('Time') }, 'name'),
	search('attraction', 'Search a sight.', {
		name,
		area: oneOf(areas),
		price: oneOf(prices),
		type: oneOf(attractionTypes)
	}),
	search(
		'train',
		'Search a train.',
		{
			from: text('Town of departure'),
			to: text('Town of arrival'),
			day,
			leave: clock('Departs at this time or later')
		},
		{ compare: { leave: 'at or after' } }
	),
	book('train', 'Book seats on a train.', { id: text('Train id'), people }, 'id'),
	book('taxi', 'Book a taxi.', {
		from: text('Where to pick up'),
		to: text('Where to go'),
		time: clock('Time of departure')
	})
];
