import { decoded } from '../base/bytes.ts';
import { parseJson } from '../base/json-read.ts';
import { isJsonObject } from '../base/json.ts';
import { searchId } from '../search/run.ts';
import { StoreError, type RunLayout, type ScenarioEvent, type StoredEvents } from './run-store.ts';
import { contentKey, damaged, eventIssue, searchWords } from './stored-data.ts';

/** A file with more damaged lines than this is something else. */
const mostDamage = 1000;

/** What is stored of a whole run, read scenario by scenario. */
export async function eventsOfAll(
	{ scenarios }: RunLayout,
	strays: readonly string[],
	eventsOf: (scenario: string) => Promise<StoredEvents>
): Promise<StoredEvents> {
	const events: ScenarioEvent[] = [];
	const damage = [...strays];
	for (const scenario of scenarios) {
		const found = await eventsOf(scenario);
		// No spread: a call takes no more than some ten thousand arguments.
		for (const event of found.events) events.push(event);
		damage.push(...found.damage);
	}
	return { events, damage };
}

/** An event, or `undefined` where one was that cannot be told any more. */
type Numbered = Map<number, ScenarioEvent | undefined>;

/** The stored events of one run, whatever order they came in, and what of them is damaged. */
export class EventLog {
	/** What is damaged and belongs to no scenario for certain, each with its place. */
	readonly strays: string[] = [];
	readonly #where: string;
	readonly #scenarios: readonly string[];
	/** By scenario, then trial. */
	readonly #events = new Map<string, readonly Numbered[]>();
	readonly #damage = new Map<string, string[]>();
	#count = 0;

	/** @param where names all of it in messages, e.g. `runs/abc/events.jsonl` */
	constructor(where: string, { scenarios, trials = 1 }: RunLayout) {
		this.#where = where;
		this.#scenarios = scenarios;
		for (const scenario of scenarios)
			this.#events.set(
				scenario,
				Array.from({ length: trials }, () => new Map())
			);
	}

	/**
	 * @param number of the line in its file, from 1
	 * @throws {StoreError} if nearly all of the file is damaged
	 */
	takeLine(line: Uint8Array, number: number): void {
		const place = `${this.#where}, line ${number},`;
		const text = decoded(line);
		if (text === undefined) return this.#note(undefined, damaged(place, { message: 'it is not UTF-8' }));
		let value: unknown;
		try {
			value = parseJson(text);
		} catch {
			return this.#note(undefined, damaged(place, { message: 'it is not JSON' }));
		}
		this.take(value, place);
	}

	/** @param place of the value, for messages */
	take(value: unknown, place: string): void {
		const { scenario, trial, event } = isJsonObject(value) ? value : {};
		const trials = typeof scenario === 'string' ? this.#events.get(scenario) : undefined;
		const numbered = trials?.[typeof trial === 'number' ? trial : 0];
		const issue = eventIssue(value);
		if (issue !== undefined) {
			if (!numbered) return this.#note(undefined, damaged(place, issue));
			const n = isJsonObject(event) ? event['n'] : undefined;
			if (Number.isInteger(n) && (n as number) >= 0) numbered.set(n as number, undefined);
			this.#note(scenario as string, damaged(place, issue));
		} else if (numbered) {
			this.#learn(numbered, value as ScenarioEvent, place);
		} else {
			this.#note(
				undefined,
				`${place} is of scenario ${JSON.stringify(scenario)}, which the run does not have`
			);
		}
	}

	/** `damaged` where there is one that cannot be told any more. */
	get({ scenario, trial = 0, event: { n } }: ScenarioEvent): ScenarioEvent | 'damaged' | undefined {
		const numbered = this.#events.get(scenario)?.[trial];
		return numbered?.has(n) ? (numbered.get(n) ?? 'damaged') : undefined;
	}

	/** Events of one scenario up to the first that is damaged or missing; without a scenario those of all. */
	read(scenario?: string): StoredEvents {
		if (scenario === undefined) {
			const all = this.#scenarios.map((one) => this.read(one));
			return {
				events: all.flatMap(({ events }) => events),
				damage: [...this.strays, ...all.flatMap(({ damage }) => damage)]
			};
		}
		const events: ScenarioEvent[] = [];
		const damage = [...(this.#damage.get(scenario) ?? [])];
		for (const [trial, numbered] of (this.#events.get(scenario) ?? []).entries()) {
			let found = 0;
			for (let next = numbered.get(0); next; next = numbered.get(++found)) events.push(next);
			const isMissing = found < numbered.size && !numbered.has(found);
			if (isMissing)
				damage.push(`${this.#where}: event ${found} of ${searchWords(searchId(scenario, trial))} is missing`);
		}
		return { events, damage };
	}

	#learn(numbered: Numbered, one: ScenarioEvent, place: string): void {
		const { event } = one;
		const known = numbered.get(event.n);
		if (!numbered.has(event.n)) numbered.set(event.n, one);
		else if (!known || contentKey(known.event) !== contentKey(event)) {
			numbered.set(event.n, undefined);
			this.#note(
				one.scenario,
				`${place} is another event ${event.n} of ${searchWords(one)} than one before it`
			);
		}
	}

	#note(scenario: string | undefined, damage: string): void {
		if (++this.#count > mostDamage)
			throw new StoreError(
				`${this.#where} is not a list of a run's events: more than ${mostDamage} of its lines are damaged. Restore it from a copy.`
			);
		const list = scenario === undefined ? this.strays : (this.#damage.get(scenario) ?? []);
		list.push(damage);
		if (scenario !== undefined) this.#damage.set(scenario, list);
	}
}
