import type { ExecutedCall } from '../../src/environment/environment.ts';
import type { RewardGoal } from '../../src/talk/rewards/reward-part.ts';
import type { PicturedNode, PicturedStep } from '../../src/app/picture.ts';

/** Pictures drawn by hand, for tests of components. */

export function node(path: string, more: Partial<PicturedNode> = {}): PicturedNode {
	return {
		path,
		label: path || 'opening',
		isCall: false,
		mark: 'open',
		golden: false,
		pruned: false,
		ended: false,
		remarks: [],
		children: [],
		...more
	};
}

/** Opening; L (pruned, with two children), R (golden) with RL (goal, golden) and RR (ended). */
export const smallTree = node('', {
	mark: 'golden',
	golden: true,
	children: [
		node('L', {
			mark: 'pruned',
			pruned: true,
			remarks: ['pruned'],
			children: [node('LL', { mark: 'pruned', pruned: true }), node('LR', { mark: 'pruned', pruned: true })]
		}),
		node('R', {
			mark: 'golden',
			golden: true,
			children: [
				node('RL', {
					mark: 'goal',
					golden: true,
					isCall: true,
					label: 'book_hotel',
					remarks: ['earned book_hotel', 'golden path']
				}),
				node('RR', { mark: 'ended', remarks: ['ended: the user ended the conversation'] })
			]
		})
	]
});

const bookHotel: RewardGoal = {
	id: 'book_hotel',
	label: 'book_hotel(name "Alder House")',
	call: { name: 'book_hotel', arguments: { name: 'Alder House' } }
};
const search: ExecutedCall = {
	name: 'search_hotel',
	arguments: { area: 'north' },
	result: [{ name: 'Alder House' }, { name: 'Birch Inn' }],
	ok: true
};
const refused: ExecutedCall = {
	name: 'book_hotel',
	arguments: { name: 'Alder Hose' },
	result: { error: 'no hotel with name alder hose' },
	ok: false
};
const booking: ExecutedCall = {
	name: 'book_hotel',
	arguments: { name: 'Alder House' },
	result: { ref: 'A1234' },
	ok: true
};

function callAndResult(call: ExecutedCall, id: string): PicturedStep['messages'] {
	return [
		{
			role: 'assistant',
			content: '',
			seenBy: 'agent',
			tool_calls: [{ id, type: 'function', function: { name: call.name, arguments: call.arguments } }]
		},
		{ role: 'tool', tool_call_id: id, name: call.name, content: JSON.stringify(call.result), seenBy: 'agent' }
	];
}

/** A user's opening and one agent turn: a search, a rejected booking, a booking that earns a goal, a reply. */
export const bookingSteps: readonly PicturedStep[] = [
	{
		key: 'opening',
		speaker: 'user',
		messages: [{ role: 'user', content: 'A hotel in the north, please.', seenBy: 'both' }],
		calls: [],
		labels: [],
		earned: [],
		error: undefined,
		writing: undefined
	},
	{
		key: 'turn',
		speaker: 'agent',
		messages: [
			...callAndResult(search, 'c1'),
			...callAndResult(refused, 'c2'),
			...callAndResult(booking, 'c3'),
			{ role: 'assistant', content: 'Alder House is booked, reference A1234.', seenBy: 'both' }
		],
		calls: [search, refused, booking],
		labels: [],
		earned: [{ goal: bookHotel, call: booking }],
		error: undefined,
		writing: undefined
	}
];
