/** A small pack as plain JSON, new at every call so that a test may change it. */
export function deskPack() {
	return {
		format: 'joshtree-pack/1',
		id: 'desk',
		title: 'Restaurant desk',
		license: 'MIT',
		source: 'hand-written',
		prompts: {
			agent: 'You book restaurants.',
			user: 'You want:\n{{goals}}\nThen say {{stop}}.',
			stop: 'DONE'
		},
		tables: {
			restaurant: {
				key: 'name',
				rows: [
					{ name: 'Fox Grill', food: 'thai', area: 'north' },
					{ name: "Ben's Cafe", food: 'thai', area: 'south' },
					{ name: 'Bear Diner', food: 'french', area: 'south' }
				]
			},
			booking: { key: 'ref', rows: [] as { ref: string }[] }
		},
		tools: [
			{
				name: 'search_restaurant',
				description: 'Search a restaurant.',
				parameters: {
					type: 'object',
					properties: {
						name: { type: 'string' },
						food: { type: 'string' },
						area: { type: 'string' }
					} as object,
					additionalProperties: false
				},
				do: { op: 'select', from: 'restaurant', limit: 2 } as { op: string; row?: object }
			},
			{
				name: 'book_restaurant',
				description: 'Book a table.',
				parameters: {
					type: 'object',
					properties: { name: { type: 'string' }, people: { type: 'integer', minimum: 1 } },
					required: ['name', 'people'],
					additionalProperties: false
				},
				do: {
					op: 'insert',
					into: 'booking',
					lookup: { from: 'restaurant', where: { name: '$args.name' } },
					row: { ref: '$ref', name: '$row.name', people: '$args.people' },
					return: ['ref', 'name']
				} as { op: string; row?: object }
			}
		],
		scenarios: [
			{
				id: 'one',
				split: 'train',
				domains: ['restaurant'],
				userGoals: ['You want a thai restaurant in the north.', 'Book it for 2 people.'],
				goals: [
					{
						id: 'search',
						name: 'search_restaurant',
						arguments: { food: 'thai', area: 'north' },
						match: 'either_subset',
						returnsFirst: { name: 'Fox Grill' }
					},
					{
						id: 'book',
						name: 'book_restaurant',
						arguments: { name: 'Fox Grill', people: 2 },
						match: 'subset'
					}
				]
			}
		]
	};
}
