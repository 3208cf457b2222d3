import type { Random } from '../../base/random.ts';
import { inOrder, type Slots } from '../../environment/travel/domains.ts';
import type { Task } from '../../environment/travel/tasks.ts';
import type { AgentAct, Said, UserAct } from './acts.ts';
import { Pursuit } from './pursuit.ts';
import * as phrases from './user-phrases.ts';

/**
 * A user who pursues its tasks one after the other and says nothing but what they say: every slot of the search and every detail of the
 * booking at least once, the other value when nothing fits, a correction when it reads something wrong. What varies is
 * the words and how much it says at a time.
 */
export class ScriptedUser {
	readonly #random: Random;
	readonly #tasks: Task[];
	readonly #stop: string;
	#current!: Pursuit;
	#started = false;

	/** `stop`: the words with which it ends the conversation. */
	constructor(random: Random, tasks: readonly Task[], stop: string) {
		this.#random = random;
		this.#tasks = [...tasks];
		this.#stop = stop;
	}

	/** What it is about now. Throws before the opening. */
	get task(): Task {
		return this.#current.task;
	}

	/** The opening. */
	open(): Said<UserAct> {
		return this.#next('');
	}

	/** The answer to what the agent said; `bye` is the last. */
	answer(act: AgentAct): Said<UserAct> {
		const random = this.#random;
		const now = this.#current;
		switch (act.kind) {
			case 'ask':
				return this.#preferences(act.slots);
			case 'offer':
				if (now.contradicts(now.wanted, act.said) && now.insist()) return this.#again(true);
				if (Object.keys(now.untold).length > 0) return this.#more();
				if (now.task.booking) return this.#book();
				return this.#next(phrases.sayNoBooking(random, now.task.domain));
			case 'none': {
				if (now.fallBack()) {
					const wanted = now.tellAll({
						...now.untold,
						...inOrder(Object.keys(now.task.firstTry!), now.wanted)
					});
					return this.#request(phrases.sayFallback(random, wanted), wanted);
				}
				return now.insist() ? this.#again(false) : this.#next(phrases.sayGiveUp(random));
			}
			case 'ask-booking': {
				const asked = inOrder(act.slots, now.task.booking ?? {});
				if (Object.keys(asked).length === 0) return this.#next(phrases.sayNoBooking(random, now.task.domain));
				const more = random.chance(0.3) ? now.undisclosed : {};
				const booking = now.disclose({ ...asked, ...more });
				return { text: phrases.sayDetails(random, booking), act: { kind: 'book', booking } };
			}
			case 'booked': {
				const wrong = now.contradicts(now.task.booking ?? {}, act.said) && now.insist();
				if (wrong || Object.keys(now.undisclosed).length > 0) {
					const booking = now.disclose({ ...now.undisclosed, ...(wrong && now.wrongOf(act.said)) });
					return {
						text: phrases.sayChange(random, now.task.domain, booking, wrong),
						act: { kind: 'book', booking }
					};
				}
				return this.#next(phrases.sayThanks(random));
			}
			case 'anything-else':
				if (Object.keys(now.untold).length > 0) return this.#more();
				if (now.task.booking && now.insist()) return this.#book();
				return this.#next('');
		}
	}

	/** The next task after some last words on this one, or the goodbye. */
	#next(lastWords: string): Said<UserAct> {
		const task = this.#tasks.shift();
		if (!task) {
			const bye = phrases.sayBye(this.#random, this.#stop);
			return { text: `${lastWords} ${bye}`.trim(), act: { kind: 'bye' } };
		}
		const first = !this.#started;
		this.#started = true;
		const now = (this.#current = new Pursuit(task));
		const random = this.#random;
		if (task.domain === 'taxi') {
			const booking = now.disclose(someOf(random, task.booking!, 0.8));
			const text = phrases.sayRequest(random, 'taxi', booking, first);
			return {
				text: `${lastWords} ${text}`.trim(),
				act: { kind: 'request', domain: 'taxi', wanted: {}, any: [], booking }
			};
		}
		const wanted = now.tellAll(someOf(random, now.wanted, 0.8));
		return this.#request(
			`${lastWords} ${phrases.sayRequest(random, task.domain, wanted, first)}`.trim(),
			wanted
		);
	}

	#request(text: string, wanted: Slots, any: readonly string[] = []): Said<UserAct> {
		return { text, act: { kind: 'request', domain: this.#current.task.domain, wanted, any, booking: {} } };
	}

	#more(): Said<UserAct> {
		const wanted = this.#current.tellAll(this.#current.untold);
		return this.#request(phrases.sayMore(this.#random, wanted), wanted);
	}

	#again(wrong: boolean): Said<UserAct> {
		const { wanted, task } = this.#current;
		this.#current.tellAll(wanted);
		return this.#request(phrases.sayAgain(this.#random, task.domain, wanted, wrong), wanted);
	}

	#preferences(slots: readonly string[]): Said<UserAct> {
		const now = this.#current;
		const known = inOrder(slots, now.wanted);
		const any = slots.filter((slot) => !(slot in now.wanted));
		const more = any.length > 0 || this.#random.chance(0.3) ? now.untold : {};
		const wanted = now.tellAll({ ...known, ...more });
		return this.#request(phrases.sayPreferences(this.#random, wanted, any), wanted, any);
	}

	#book(): Said<UserAct> {
		const now = this.#current;
		const random = this.#random;
		const details = random.chance(0.12) ? {} : someOf(random, now.undisclosed, 0.8);
		const booking = now.disclose(details);
		return { text: phrases.sayBook(random, now.task.domain, booking), act: { kind: 'book', booking } };
	}
}

/** All slots with probability `all`, else some of them and at least one. */
function someOf(random: Random, slots: Slots, all: number): Slots {
	const names = Object.keys(slots);
	if (names.length < 2 || random.chance(all)) return slots;
	return inOrder(
		names,
		Object.fromEntries(
			random.sample(names, random.integer(1, names.length - 1)).map((name) => [name, slots[name]!])
		)
	);
}
