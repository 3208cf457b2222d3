import { describe, expect, it, test } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { packTables } from '../../../src/environment/pack-environment.ts';
import type { Domain } from '../../../src/environment/travel/domains.ts';
import { generateTravel } from '../../../src/environment/travel/travel.ts';
import type { AgentAct } from '../../../src/talk/scripted/acts.ts';
import { ScriptedAgent } from '../../../src/talk/scripted/agent.ts';
import { readAct } from '../../../src/talk/scripted/read-act.ts';
import { ScriptedUser } from '../../../src/talk/scripted/user.ts';

/** An act without the order of its slots. */
function content(act: AgentAct | undefined): unknown {
	if (!act) return 'unclear';
	if ('slots' in act) return [act.kind, [...act.slots].sort()];
	return 'said' in act ? [act.kind, Object.entries(act.said).sort()] : act.kind;
}

test('what the scripted agent says is read as it was meant, in 98 of 100 turns', () => {
	const { pack, tasks } = generateTravel(4, { train: 400, val: 0, test: 0 });
	const tables = packTables(pack);
	let turns = 0;
	const wrong: string[] = [];
	for (const { id } of pack.scenarios) {
		const random = new Random('read', id);
		const user = new ScriptedUser(random, tasks.get(id)!, 'STOP');
		const agent = new ScriptedAgent(random);
		let state = tables.initial;
		let said = user.open();
		for (let turn = 0; turn < 15 && said.act.kind !== 'bye'; turn++) {
			const reply = agent.turn(said.act, (call) => {
				const after = tables.call(state, call);
				state = after.state;
				return after.executed;
			});
			const read = readAct(reply.text, user.task.domain);
			turns++;
			if (JSON.stringify(content(read)) !== JSON.stringify(content(reply.act)))
				wrong.push(
					`${user.task.domain}: ${reply.text} ${JSON.stringify([content(reply.act), content(read)])}`
				);
			said = user.answer(reply.act);
		}
	}
	expect(wrong.length / turns, wrong.slice(0, 20).join('\n')).toBeLessThan(0.02);
});

const offer = (said: object) => ({ kind: 'offer', said });
const ask = (...slots: string[]) => ({ kind: 'ask', slots });
const askBooking = (...slots: string[]) => ({ kind: 'ask-booking', slots });
const booked = (said: object) => ({ kind: 'booked', said });

describe('ordinary English', () => {
	it.each<[Domain, string, object | undefined]>([
		['hotel', 'Which area do you prefer?', ask('area')],
		[
			'hotel',
			'Sure! Do you have a price range in mind, and which part of town would you like?',
			ask('area', 'price')
		],
		['hotel', 'Of course. What is your budget?', ask('price')],
		['hotel', 'How many stars should the hotel have?', ask('stars')],
		['restaurant', 'What type of cuisine are you in the mood for?', ask('food')],
		['attraction', 'What type of attraction would you like to visit?', ask('type')],
		['train', 'Where will you be departing from, and what is your destination?', ask('from', 'to')],
		['train', 'What day would you like to travel?', ask('day')],
		['train', 'What time would you like to leave?', ask('leave')],
		['hotel', 'Could you tell me how many nights and how many people?', askBooking('people', 'nights')],
		['hotel', 'For which day should I book it?', askBooking('day')],
		[
			'hotel',
			'How long will you be staying, and how many guests will there be?',
			askBooking('people', 'nights')
		],
		['restaurant', 'What time would you like the table?', askBooking('time')],
		['restaurant', 'Please let me know the number of people and the day.', askBooking('people', 'day')],
		['taxi', 'Where would you like to be picked up, and where are you going?', askBooking('from', 'to')],
		['taxi', 'What time should the taxi arrive?', askBooking('time')],
		['train', 'How many tickets do you need?', askBooking('people')],
		[
			'hotel',
			"I've booked the Golden Lodge for 3 people on Friday. Your reference is K1234.",
			booked({ people: 3, day: 'friday' })
		],
		[
			'hotel',
			'Your room is confirmed for two nights from Monday for 4 guests. Reference: A1000',
			booked({ people: 4, day: 'monday', nights: 2 })
		],
		[
			'restaurant',
			'All set! The table has been reserved for 2 people at 18:15. The confirmation number is B2222.',
			booked({ people: 2, time: '18:15' })
		],
		['taxi', 'Your taxi is booked at 09:30. Reference T4321.', booked({ time: '09:30' })],
		[
			'train',
			'Done! I have booked TR1234 for 1 person. Your reference number is C3000.',
			booked({ people: 1 })
		],
		['hotel', "Sorry, I couldn't find any hotels matching that.", { kind: 'none' }],
		['restaurant', 'Unfortunately there are no Turkish restaurants in the north.', { kind: 'none' }],
		['train', 'I could not find a train like that.', { kind: 'none' }],
		['attraction', 'There were no results for your search.', { kind: 'none' }],
		[
			'hotel',
			"How about Amber Fox Inn? It's a cheap hotel in the north with 4 stars.",
			offer({ name: 'Amber Fox Inn', area: 'north', price: 'cheap', stars: 4 })
		],
		[
			'hotel',
			'I found the Lily Lodge, an expensive 5-star place. Would you like me to book it?',
			offer({ name: 'Lily Lodge', price: 'expensive', stars: 5 })
		],
		[
			'restaurant',
			'Bear Grill serves Thai food in the centre. Shall I reserve a table?',
			offer({ name: 'Bear Grill', area: 'centre', food: 'thai' })
		],
		[
			'train',
			'TR1234 leaves Ashford on Monday at 09:05. Should I book it?',
			offer({ id: 'TR1234', day: 'monday', leave: '09:05' })
		],
		[
			'attraction',
			'You could visit Golden Park, a moderate place in the south.',
			offer({ name: 'Golden Park', area: 'south', price: 'moderate' })
		],
		['hotel', 'Is there anything else I can help you with?', { kind: 'anything-else' }],
		['hotel', "You're welcome! Have a great trip.", { kind: 'anything-else' }],
		['restaurant', 'How can I help you today?', { kind: 'anything-else' }],
		['hotel', 'Sorry, the booking failed. For how many people should I book?', askBooking('people')],
		[
			'taxi',
			'Your taxi from the Amber Fox Inn to Bear Grill at 18:15 is booked. Reference: T1000.',
			booked({ from: 'Amber Fox Inn', to: 'Bear Grill', time: '18:15' })
		],
		['taxi', 'Sure, where should the taxi pick you up?', askBooking('from')],
		[
			'restaurant',
			'Your table at Bear Grill is reserved for 6:15 pm for two people. Reference B1000.',
			booked({ people: 2, time: '18:15' })
		],
		[
			'hotel',
			'Your room is booked from Sunday to Tuesday. Your reference is K1000.',
			booked({ day: 'sunday' })
		],
		['hotel', 'How many nights would you like to stay at the Golden Lodge?', askBooking('nights')],
		['hotel', 'I can book Golden Lodge. For how many people and which day?', askBooking('people', 'day')],
		[
			'hotel',
			'Shall I book it? If so, please let me know the number of people, day and nights.',
			askBooking('people', 'day', 'nights')
		],
		['hotel', "I couldn't book the hotel. It needs the number of nights.", askBooking('nights')],
		[
			'train',
			'TR1234 leaves at 9:05. How many tickets would you like?',
			offer({ id: 'TR1234', leave: '09:05' })
		],
		[
			'hotel',
			'**Lily Lodge**\n- Area: north\n- Stars: 4\n\nWould you like to book?',
			offer({ name: 'Lily Lodge', area: 'north', stars: 4 })
		],
		[
			'hotel',
			'Unfortunately, no hotels match your criteria. Would you like to try another area?',
			{ kind: 'none' }
		],
		['hotel', 'One moment while I look.', undefined]
	])('%s: %s', (domain, text, act) => {
		expect(readAct(text, domain)).toEqual(act);
	});

	it('a wish by name that another place was offered for is an offer to be corrected', () => {
		const text = 'I found Golden Lodge. For how many people?';
		expect(readAct(text, 'hotel', 'Golden Lodge')).toEqual(askBooking('people'));
		expect(readAct(text, 'hotel', 'Lily Lodge')).toEqual(offer({ name: 'Golden Lodge' }));
	});
});
