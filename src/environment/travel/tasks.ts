import { canonicalJson, type JsonObject } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import type { Goal } from '../environment.ts';
import { domains, inOrder, slotsOf, valuesOf, type Domain, type Slots } from './domains.ts';
import { days } from './words.ts';
import { time, type World } from './world.ts';

/** What a user wants in one domain. */
export interface Task {
	readonly domain: Domain;
	/** What the search must ask for in the end; empty for a taxi. */
	readonly wanted: Slots;
	/** The one slot that the user asks for otherwise at first, and then nothing fits. */
	readonly firstTry?: Slots;
	/** The booking, without the key of the row; absent when none is wanted. */
	readonly booking?: Slots;
	/** The row that `wanted` finds first; absent for a taxi. */
	readonly target?: JsonObject;
}

/** How many of the scenarios have one and two tasks; the rest have three. */
export interface TaskShares {
	readonly one: number;
	readonly two: number;
}

const usualShares: TaskShares = { one: 0.45, two: 0.37 };

/** One to three tasks in different domains. */
export function sampleTasks(random: Random, world: World, { one, two } = usualShares): Task[] {
	const draw = random.next();
	const count = draw < one ? 1 : draw < one + two ? 2 : 3;
	return random.sample(domains, count).map((domain) => sampleTask(random, world, domain));
}

/** Tasks whose goal calls are none of `contents` (see {@link contentOf}). */
export function sampleTasksOutside(
	random: Random,
	world: World,
	contents: ReadonlySet<string>,
	shares = usualShares
): Task[] {
	for (;;) {
		const tasks = sampleTasks(random, world, shares);
		if (!contents.has(contentOf(tasks))) return tasks;
	}
}

/** What `search_<domain>` finds, in the order of the table: equal values, and trains that leave at the time or later. */
export function matchingRows(
	world: World,
	domain: Exclude<Domain, 'taxi'>,
	wanted: Slots
): readonly JsonObject[] {
	const table: readonly JsonObject[] = world[domain];
	return table.filter((row) =>
		Object.entries(wanted).every(([slot, value]) =>
			slot === 'leave' ? String(row['leave']) >= String(value) : row[slot] === value
		)
	);
}

function sampleTask(random: Random, world: World, domain: Domain): Task {
	if (domain === 'taxi') return { domain, wanted: {}, booking: sampleBooking(random, world, domain) };
	const wanted = sampleWanted(random, world, domain);
	const target = matchingRows(world, domain, wanted)[0]!;
	const firstTry = random.chance(0.22) ? sampleFirstTry(random, world, domain, wanted) : undefined;
	const booking =
		slotsOf[domain].book.length > 0 && random.chance(0.8) ? sampleBooking(random, world, domain) : undefined;
	return { domain, wanted, target, ...(firstTry && { firstTry }), ...(booking && { booking }) };
}

/** Slots of a row of the table, so that at least that row has them. */
function sampleWanted(random: Random, world: World, domain: Exclude<Domain, 'taxi'>): Slots {
	const row: JsonObject = random.pick<JsonObject>(world[domain]);
	if (domain === 'train') {
		const { from, to, day, leave } = row as { from: string; to: string; day: string; leave: string };
		if (random.chance(0.3)) return { from, to, day };
		const hour = Math.max(4, Number(leave.slice(0, 2)) - random.integer(1, 3));
		return { from, to, day, leave: time(random, hour, hour) };
	}
	if (random.chance(0.2)) return inOrder(['name'], row);
	const { search } = slotsOf[domain];
	const chosen = random.sample(search, random.chance(0.5) ? search.length : 2);
	return inOrder(
		search.filter((slot) => chosen.includes(slot)),
		row
	);
}

/** Another value for one slot, with which nothing fits; `undefined` if a few draws find none. */
function sampleFirstTry(
	random: Random,
	world: World,
	domain: Exclude<Domain, 'taxi'>,
	wanted: Slots
): Slots | undefined {
	const candidates = Object.keys(wanted).filter((slot) => valuesOf[slot]);
	if (candidates.length === 0) return undefined;
	for (let draw = 0; draw < 30; draw++) {
		const slot = random.pick(candidates);
		const value = random.pick(valuesOf[slot]!);
		if (matchingRows(world, domain, { ...wanted, [slot]: value }).length === 0) return { [slot]: value };
	}
	return undefined;
}

function sampleBooking(random: Random, world: World, domain: Domain): Slots {
	switch (domain) {
		case 'hotel':
			return { people: random.integer(1, 8), day: random.pick(days), nights: random.integer(1, 6) };
		case 'restaurant':
			return { people: random.integer(1, 8), day: random.pick(days), time: time(random, 11, 21) };
		case 'train':
			return { people: random.integer(1, 8) };
		case 'taxi': {
			const [from, to] = random.sample([...world.hotel, ...world.restaurant, ...world.attraction], 2);
			return { from: from!.name, to: to!.name, time: time(random, 6, 22) };
		}
		case 'attraction':
			throw new Error('attractions are not booked');
	}
}

/** The goal calls of a task: a search that returns the target first, then the booking of the target. */
export function goalsOf({ domain, wanted, booking, target }: Task): Goal[] {
	const { key } = slotsOf[domain];
	const identity = key && target ? { [key]: target[key]! } : {};
	const goals: Goal[] = [];
	if (target) {
		const name = `search_${domain}`;
		goals.push({ id: name, name, arguments: wanted, match: 'either_subset', returnsFirst: identity });
	}
	if (booking) {
		const name = `book_${domain}`;
		goals.push({ id: name, name, arguments: { ...identity, ...booking }, match: 'subset' });
	}
	return goals;
}

/** Two lists of tasks with the same goal calls have the same text here, whatever their order and words. */
export function contentOf(tasks: readonly Task[]): string {
	const calls = tasks.flatMap(goalsOf).map(({ name, arguments: args }) => canonicalJson([name, args]));
	return calls.sort().join('\n');
}
