import { inOrder, slotsOf, type Slots } from '../../environment/travel/domains.ts';
import type { Task } from '../../environment/travel/tasks.ts';

/** How often the user insists on a wish, or on a correction, before it lets the matter rest. */
const patience = 2;

/** What the user has said of one task, and what it has yet to say. */
export class Pursuit {
	readonly task: Task;
	/** What it wants for now: before the fall-back, with the value that is tried first. */
	wanted: Slots;
	untold: Slots;
	/** Details of the booking that it has yet to name. */
	undisclosed: Slots;
	#fellBack = false;
	#insisted = 0;

	constructor(task: Task) {
		this.task = task;
		this.wanted = { ...task.wanted, ...task.firstTry };
		this.untold = this.wanted;
		this.undisclosed = task.booking ?? {};
	}

	tellAll(slots: Slots): Slots {
		this.untold = without(this.untold, slots);
		return inOrder(Object.keys(this.wanted), slots);
	}

	disclose(slots: Slots): Slots {
		this.undisclosed = without(this.undisclosed, slots);
		return inOrder(slotsOf[this.task.domain].book, slots);
	}

	/** Turns to the other value; false if there is none or that was done. */
	fallBack(): boolean {
		if (!this.task.firstTry || this.#fellBack) return false;
		this.#fellBack = true;
		this.wanted = this.task.wanted;
		return true;
	}

	insist(): boolean {
		return this.#insisted++ < patience;
	}

	contradicts(mine: Slots, said: Slots): boolean {
		return Object.entries(said).some(([slot, value]) => {
			const own = mine[slot];
			if (own === undefined) return false;
			return slot === 'leave' ? String(value) < String(own) : value !== own;
		});
	}

	/** The details of the booking that the agent named wrongly. */
	wrongOf(said: Slots): Slots {
		const booking = this.task.booking ?? {};
		return inOrder(
			Object.keys(booking).filter((slot) => slot in said && said[slot] !== booking[slot]),
			booking
		);
	}
}

function without(slots: Slots, others: Slots): Slots {
	return Object.fromEntries(Object.entries(slots).filter(([slot]) => !(slot in others)));
}
