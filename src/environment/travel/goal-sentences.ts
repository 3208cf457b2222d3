import type { Random } from '../../base/random.ts';
import { bookingDetails, describe, fragment } from './descriptions.ts';
import { inOrder, slotsOf } from './domains.ts';
import { say } from './grammar.ts';
import type { Task } from './tasks.ts';

/**
 * What the user simulator is told of one task; `later` where another task came before. Each sentence names its domain, so that
 * a small model sees what belongs together.
 */
export function goalText(random: Random, task: Task, later: boolean): string {
	const { domain, wanted, firstTry, booking } = task;
	const want = later
		? '{You also want|You also need|Then find|After that you want|Then you need} <what>.'
		: '{You want|You are looking for|You need|Find} <what>.';
	if (domain === 'taxi') return say(random, want, { what: describe(random, domain, booking!) });

	const { search } = slotsOf[domain];
	const first = { ...wanted, ...firstTry };
	const sentences = [
		say(random, want, { what: describe(random, domain, inOrder(['name', ...search], first)) })
	];
	for (const slot of Object.keys(firstTry ?? {})) {
		const template = 'If {there is no such <domain>|no <domain> fits}, {try|look for|ask for} one <other>.';
		sentences.push(say(random, template, { domain, other: fragment(slot, wanted[slot]!) }));
	}
	if (booking) {
		const template = '{Book|Reserve} the <domain> <details>.';
		sentences.push(say(random, template, { domain, details: bookingDetails(booking) }));
	} else if (slotsOf[domain].book.length > 0) {
		const template = '{You do not want to book the|No booking is needed for the|Do not book the} <domain>.';
		sentences.push(say(random, template, { domain }));
	}
	return sentences.join(' ');
}

/** One goal a task, in order. */
export function userGoals(random: Random, tasks: readonly Task[]): string[] {
	return tasks.map((task, index) => goalText(random, task, index > 0));
}
