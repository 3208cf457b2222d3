import { number, options } from '../../base/options.ts';
import { Random } from '../../base/random.ts';
import type { Scenario } from '../../environment/environment.ts';
import {
	domains,
	inOrder,
	slotsOf,
	valuesOf,
	type Domain,
	type Slots
} from '../../environment/travel/domains.ts';
import type { Task } from '../../environment/travel/tasks.ts';
import { time } from '../../environment/travel/world.ts';
import type { StepContext, Transcript, UserSimulator, UserStep } from '../participants.ts';
import { readAct } from '../scripted/read-act.ts';
import { ScriptedUser } from '../scripted/user.ts';
import { userPart } from './user-part.ts';

export const scripted = userPart({
	kind: 'scripted',
	version: 1,
	label: 'Scripted',
	options: options({
		noise: number(0, 1, 0, {
			label: 'Noise',
			hint: '0: true to its goals; 1: forgets, mixes up, repeats itself and leaves too early, as small models do'
		})
	}),
	unfit: (scenario) =>
		tasksOf(scenario)
			? undefined
			: 'its goals are not those of a travel desk, which the scripted user speaks for',
	create: ({ noise }) => new ScriptedSimulator(noise)
});

/** How often at full noise: a detail is mixed up or forgotten, a message is said again, the user leaves. */
const rates = { mixUp: 0.1, forget: 0.1, repeat: 0.15, leave: 0.05 };

/** After so many messages that it could not tell it gives up. */
const patience = 3;

/**
 * The rule-based user of `scripted/` with any agent: it reads the agent's words, and uses no model. It keeps nothing between steps: what it said
 * before follows from the conversation, and so does what it says next.
 */
export class ScriptedSimulator implements UserSimulator {
	readonly #noise: number;

	/** @param noise from 0 to 1 */
	constructor(noise: number) {
		this.#noise = noise;
	}

	async step(
		transcript: Transcript,
		_state: object,
		{ scenario, environment, conversationSeed }: StepContext
	): Promise<UserStep> {
		const { stop } = environment.prompts;
		const random = new Random('scripted user', conversationSeed);
		const tasks = tasksOf(scenario);
		if (!tasks)
			throw new Error(`scenario ${scenario.id} has goals that the scripted user does not speak for`);
		const noisy = tasks.map((task) => blurred(random, task, this.#noise));
		const user = new ScriptedUser(random, noisy, stop);
		let said = user.open();
		let unclear = 0;
		for (const words of agentTurns(transcript)) {
			if (random.chance(rates.leave * this.#noise)) {
				said = { text: `Never mind. ${stop}`, act: { kind: 'bye' } };
				break;
			}
			if (random.chance(rates.repeat * this.#noise)) continue;
			const { domain, wanted } = user.task;
			const act = readAct(words, domain, typeof wanted['name'] === 'string' ? wanted['name'] : undefined);
			if (act) {
				unclear = 0;
				said = user.answer(act);
			} else if (++unclear >= patience) {
				said = { text: `I do not understand you. ${stop}`, act: { kind: 'bye' } };
				break;
			} else if (unclear === 1) said = { ...said, text: `Sorry, I do not understand. ${said.text}` };
			if (said.act.kind === 'bye') break;
		}
		return {
			messages: [{ role: 'user', content: said.text, seenBy: 'both' }],
			over: said.act.kind === 'bye',
			tokens: { prompt: 0, completion: 0 }
		};
	}
}

/** What the agent said in each of its turns, as the user heard it. */
function agentTurns(transcript: Transcript): string[] {
	const turns: string[] = [];
	let isInTurn = false;
	for (const { role, seenBy, content } of transcript) {
		if (seenBy === 'agent') continue;
		if (role === 'user') isInTurn = false;
		else if (isInTurn) turns.push(`${turns.pop()!} ${content}`);
		else {
			turns.push(content);
			isInTurn = true;
		}
	}
	return turns;
}

/** What the user wants, by the goals of a scenario; `undefined` if they are not all searches and bookings of a travel desk. */
export function tasksOf({ goals, domains: named }: Pick<Scenario, 'goals' | 'domains'>): Task[] | undefined {
	if (goals.length === 0) return undefined;
	const isKnown = (goal: { readonly name: string }) =>
		domains.some((domain) => [`search_${domain}`, `book_${domain}`].includes(goal.name));
	if (!goals.every(isKnown)) return undefined;
	const order = named.filter((name): name is Domain => domains.includes(name as Domain));
	const tasks = order.flatMap((domain): Task[] => {
		const search = goals.find(({ name }) => name === `search_${domain}`);
		const book = goals.find(({ name }) => name === `book_${domain}`);
		if (!search && !book) return [];
		const { key, search: slots, book: details } = slotsOf[domain];
		return [
			{
				domain,
				wanted: search ? inOrder([...(key ? [key] : []), ...slots], search.arguments) : {},
				...(book && { booking: inOrder(details, book.arguments) })
			}
		];
	});
	return tasks.length > 0 ? tasks : undefined;
}

/** A task with some of its details mixed up or forgotten. */
function blurred(random: Random, task: Task, noise: number): Task {
	const blur = (slots: Slots): Slots => {
		const names = Object.keys(slots);
		const kept = names.filter(() => !random.chance(rates.forget * noise));
		const left = kept.length > 0 ? kept : names.slice(0, 1);
		return Object.fromEntries(
			left.map((slot) => [
				slot,
				random.chance(rates.mixUp * noise) ? other(random, slot, slots[slot]!) : slots[slot]!
			])
		);
	};
	return {
		...task,
		wanted: blur(task.wanted),
		...(task.booking && { booking: blur(task.booking) })
	};
}

/** Another value of the same kind; names and towns stay, for nobody would know of another. */
function other(random: Random, slot: string, value: string | number): string | number {
	if (slot === 'people' || slot === 'nights') return random.integer(1, 5);
	if (slot === 'time' || slot === 'leave') return time(random, 8, 20);
	const values = valuesOf[slot];
	return values ? random.pick(values) : value;
}
