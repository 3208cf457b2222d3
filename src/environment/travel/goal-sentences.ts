import type { Random } from '../../base/random.ts';
import { describe, fragment, fragments } from './descriptions.ts';
import { inOrder, slotsOf } from './domains.ts';
import { say } from './grammar.ts';
import type { Task } from './tasks.ts';

/** The sentences that tell the user simulator of one task; `later` where another task came before. */
export function goalSentences(random: Random, task: Task, later: boolean): string[] {
	const { domain, wanted, firstTry, booking } = task;
	const want = later
		? '{You also want|You also need|Then find|After that you want|Then you need} <what>.'
		: '{You want|You are looking for|You need|Find} <what>.';
	if (domain === 'taxi') return [say(random, want, { what: describe(random, domain, booking!) })];

	const { search } = slotsOf[domain];
	const first = { ...wanted, ...firstTry };
	const sentences = [
		say(random, want, { what: describe(random, domain, inOrder(['name', ...search], first)) })
	];
	for (const slot of Object.keys(firstTry ?? {})) {
		const template =
			'If {there is none|nothing fits|nothing matches}, {try one|look for one|ask for one} <other>.';
		sentences.push(say(random, template, { other: fragment(slot, wanted[slot]!) }));
	}
	if (booking) {
		sentences.push(
			say(random, '{Book it|Reserve it|Have it booked} <details>.', {
				details: fragments(random, booking).join(' ')
			})
		);
	} else if (slotsOf[domain].book.length > 0) {
		sentences.push(say(random, '{You do not want to book it|No booking is needed|Do not book it}.'));
	}
	return sentences;
}

/** The sentences of all tasks, in order. */
export function userGoals(random: Random, tasks: readonly Task[]): string[] {
	return tasks.flatMap((task, index) => goalSentences(random, task, index > 0));
}
