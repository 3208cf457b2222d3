import type { JsonObject } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import type { Call, ExecutedCall } from '../../environment/environment.ts';
import { inOrder, slotsOf, valuesOf, type Domain, type Slots } from '../../environment/travel/domains.ts';
import { time } from '../../environment/travel/world.ts';
import { adjectives, nouns } from '../../environment/travel/words.ts';
import type { AgentAct, Said, UserAct } from './acts.ts';
import { scaledNoise, usualNoise, type Noise } from './noise.ts';
import * as phrases from './agent-phrases.ts';

/** Makes a call and tells what came of it. */
export type MakeCall = (call: Call) => ExecutedCall;

/**
 * An agent that knows the whole job and makes mistakes at given rates: good enough that most conversations succeed, bad enough
 * that a search finds better siblings of its turns.
 */
export class ScriptedAgent {
	readonly #random: Random;
	readonly #noise: Noise;
	/** Replaced by the first request, whatever its domain. */
	#desk: Desk = newDesk('taxi');

	constructor(random: Random, noise: Noise = usualNoise) {
		this.#random = random;
		// Two of five agents make no mistakes, two make twice as many: conversations of several tasks still succeed often.
		this.#noise = scaledNoise(noise, random.pick([0, 0, 1, 2, 2]));
	}

	/** One turn: at most two calls, then the reply. */
	turn(act: UserAct, makeCall: MakeCall): Said<AgentAct> {
		this.#listen(act);
		const desk = this.#desk;
		if (desk.mustSearch) return this.#search(makeCall);
		if (desk.mustBook) return this.#book(makeCall);
		return { text: phrases.sayAnythingElse(this.#random), act: { kind: 'anything-else' } };
	}

	#listen(act: UserAct): void {
		if (act.kind === 'bye') return;
		if (act.kind === 'request') {
			if (act.domain !== this.#desk.domain || this.#desk.fresh) this.#desk = newDesk(act.domain);
			const desk = this.#desk;
			desk.fresh = false;
			desk.wanted = { ...desk.wanted, ...act.wanted };
			for (const slot of [...Object.keys(act.wanted), ...act.any]) desk.asked.add(slot);
			if (act.domain === 'taxi') desk.mustBook = true;
			else desk.mustSearch = true;
		} else {
			this.#desk.mustBook = true;
		}
		this.#desk.booking = { ...this.#desk.booking, ...act.booking };
	}

	#search(makeCall: MakeCall): Said<AgentAct> {
		const desk = this.#desk;
		const random = this.#random;
		const { search } = slotsOf[desk.domain];
		const open = 'name' in desk.wanted ? [] : search.filter((slot) => !desk.asked.has(slot));
		if (open.length > 0 && !random.chance(this.#noise.searchAtOnce)) {
			const slots = open.slice(0, random.integer(1, 2));
			slots.forEach((slot) => desk.asked.add(slot));
			return this.#ask(slots);
		}
		if (random.chance(this.#noise.askAgain)) return this.#ask([random.pick(search)]);
		if (random.chance(this.#noise.claimNone)) return this.#none();

		const { result } = makeCall({ name: `search_${desk.domain}`, arguments: this.#searchArguments() });
		desk.mustSearch = false;
		const row = Array.isArray(result) ? (result as readonly JsonObject[])[0] : undefined;
		if (!row) return this.#none();
		desk.row = row;
		const { text, said } = phrases.sayOffer(random, desk.domain, row);
		return { text, act: { kind: 'offer', said } };
	}

	#ask(slots: readonly string[]): Said<AgentAct> {
		return { text: phrases.sayAsk(this.#random, slots), act: { kind: 'ask', slots } };
	}

	#none(): Said<AgentAct> {
		return { text: phrases.sayNone(this.#random, this.#desk.domain), act: { kind: 'none' } };
	}

	#searchArguments(): Slots {
		const random = this.#random;
		const { domain, wanted } = this.#desk;
		const order = ['name', ...slotsOf[domain].search];
		if ('name' in wanted && random.chance(this.#noise.misname)) return misnamed(random, wanted, 'name');
		const slots = Object.keys(wanted);
		if (slots.length > 1 && random.chance(this.#noise.dropSlot)) {
			const dropped = random.pick(slots);
			return inOrder(
				order.filter((slot) => slot !== dropped),
				wanted
			);
		}
		return inOrder(order, random.chance(this.#noise.wrongValue) ? withWrongValue(random, wanted) : wanted);
	}

	#book(makeCall: MakeCall): Said<AgentAct> {
		const desk = this.#desk;
		const random = this.#random;
		const noise = this.#noise;
		const { key, book } = slotsOf[desk.domain];
		if (random.chance(noise.overlook)) {
			return { text: phrases.sayAnythingElse(random), act: { kind: 'anything-else' } };
		}
		const missing = book.filter((slot) => !(slot in desk.booking));
		const guessed: Record<string, string | number> = {};
		if (missing.length > 0) {
			if (random.chance(noise.callTooEarly)) {
				makeCall({ name: `book_${desk.domain}`, arguments: this.#bookingArguments(desk.booking) });
				return this.#askBooking(missing, `${phrases.saySorry(random)} `);
			}
			const canGuess = !missing.includes('from') && !missing.includes('to');
			if (!canGuess || !random.chance(noise.guess)) {
				return this.#askBooking(random.chance(0.6) ? missing : missing.slice(0, 1));
			}
			for (const slot of missing) guessed[slot] = guess(random, slot);
		}
		if (key && !desk.row) return this.#none();
		if (random.chance(noise.askAgain)) return this.#askBooking([random.pick(book)]);

		desk.mustBook = false;
		desk.fresh = true;
		const all = inOrder(book, { ...desk.booking, ...guessed });
		const made = random.chance(noise.wrongValue) ? withWrongValue(random, all) : all;
		return random.chance(noise.claimBooked)
			? this.#booked(all, inventReference(random))
			: this.#booked(made, this.#makeBooking(made, makeCall));
	}

	/** The reference of a booking of the row at hand; a call that was refused for a wrong name is repeated. */
	#makeBooking(details: Slots, makeCall: MakeCall): string {
		const { domain } = this.#desk;
		const { key } = slotsOf[domain];
		const name = `book_${domain}`;
		const args = this.#bookingArguments(details);
		let executed: ExecutedCall | undefined;
		if (key && this.#random.chance(this.#noise.misname)) {
			executed = makeCall({ name, arguments: misnamed(this.#random, args, key) });
		}
		if (!executed?.ok) executed = makeCall({ name, arguments: args });
		if (!executed.ok)
			throw new Error(`the scripted agent's booking was refused: ${JSON.stringify(executed)}`);
		return String((executed.result as JsonObject)['ref']);
	}

	#askBooking(missing: readonly string[], before = ''): Said<AgentAct> {
		const text = before + phrases.sayAsk(this.#random, missing);
		return { text, act: { kind: 'ask-booking', slots: missing } };
	}

	#booked(details: Slots, reference: string): Said<AgentAct> {
		const { text, said } = phrases.sayBooked(this.#random, this.#desk.domain, details, reference);
		return { text, act: { kind: 'booked', said } };
	}

	#bookingArguments(details: Slots): Slots {
		const { key, book } = slotsOf[this.#desk.domain];
		return { ...(key && inOrder([key], this.#desk.row ?? {})), ...inOrder(book, details) };
	}
}

/** What the agent has noted on the domain at hand. */
interface Desk {
	readonly domain: Domain;
	wanted: Slots;
	booking: Slots;
	/** Slots that the user named or was asked for. */
	readonly asked: Set<string>;
	row: JsonObject | undefined;
	mustSearch: boolean;
	mustBook: boolean;
	/** A request that comes now begins a new matter. */
	fresh: boolean;
}

function newDesk(domain: Domain): Desk {
	return {
		domain,
		wanted: {},
		booking: {},
		asked: new Set(),
		row: undefined,
		mustSearch: false,
		mustBook: false,
		fresh: true
	};
}

/** One slot has a value that nobody named, in a way that language models have: another value of the same kind. */
function withWrongValue(random: Random, slots: Slots): Slots {
	const candidates = Object.keys(slots).filter((slot) => !['name', 'from', 'to'].includes(slot));
	if (candidates.length === 0) return slots;
	const slot = random.pick(candidates);
	return { ...slots, [slot]: guess(random, slot) };
}

/** The key has one word or its number changed, as happens to a model that copies badly. */
function misnamed(random: Random, args: Slots, key: string): Slots {
	if (key === 'id') return { ...args, [key]: `TR${random.integer(1000, 9999)}` };
	const rest = String(args[key]).split(' ').slice(1);
	return { ...args, [key]: [random.pick([...adjectives, ...nouns]), ...rest].join(' ') };
}

function guess(random: Random, slot: string): string | number {
	if (slot === 'people') return random.pick([1, 2, 2, 2, 3, 4]);
	if (slot === 'nights') return random.pick([1, 2, 2, 3, 4]);
	if (slot === 'time' || slot === 'leave') return time(random, 8, 20);
	return random.pick(valuesOf[slot]!);
}

/** Looks like a reference that the desk gives, but is none. */
function inventReference(random: Random): string {
	return `${random.pick([...'ABCDEFGHJKLMNPQRSTUVWXYZ'])}${random.integer(1000, 9999)}`;
}
