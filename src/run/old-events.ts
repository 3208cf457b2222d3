import type { Environment } from '../environment/environment.ts';
import { scorerOf } from '../search/compose.ts';
import { eventSchema, type SearchEvent } from '../search/events.ts';
import { apply, plant } from '../search/fold.ts';
import { conversation } from '../search/tree.ts';
import type { RunRecord, RunStore, ScenarioEvent } from '../store/run-store.ts';
import { HistoryError } from '../search/history-error.ts';
import type { SearchStore } from './stored-searches.ts';

/** Whether a run's events do not say yet what was earned. */
export function isUnscored({ origin }: Pick<RunRecord, 'origin'>): boolean {
	return origin.eventSchema === 1;
}

/**
 * A store whose events say what was earned, whatever their version. Those of version 1 are scored when they are read; nothing is written.
 * @param environment the one that the run was made with
 */
export function scored(store: SearchStore, record: RunRecord, environment: Environment): SearchStore {
	if (!isUnscored(record)) return store;
	return {
		strays: (id) => store.strays(id),
		async events(id, scenario) {
			const { events, damage } = await store.events(id, scenario);
			return { events: await scoreEvents(record, environment, events), damage };
		}
	};
}

/** Scores the events of a run of version 1 and keeps them so, once and for all. @returns the record as it is then */
export async function upgradeRun(
	store: RunStore,
	record: RunRecord,
	environment: Environment
): Promise<RunRecord> {
	if (!isUnscored(record)) return record;
	const { events, damage } = await store.events(record.id);
	// What is damaged is left as it is: events behind it could not be told any more.
	if (damage.length > 0) return record;
	await store.upgrade(record.id, eventSchema, await scoreEvents(record, environment, events));
	return { ...record, origin: { ...record.origin, eventSchema } };
}

/** Events of version 1, of any scenarios, with what they earned; from the first that does not fit its search on as they are. */
export async function scoreEvents(
	{ config }: Pick<RunRecord, 'config'>,
	environment: Environment,
	events: readonly ScenarioEvent[]
): Promise<ScenarioEvent[]> {
	const scenarios = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	const searches = new Map<string, Rescoring>();
	const found: ScenarioEvent[] = [];
	for (const one of events) {
		const scenario = scenarios.get(one.scenario);
		let search = searches.get(one.scenario);
		if (scenario && !search) {
			search = new Rescoring(config, environment, scenario);
			searches.set(one.scenario, search);
		}
		found.push(search ? { ...one, event: await search.next(one.event) } : one);
	}
	return found;
}

/** One search that is folded while its events are scored. */
class Rescoring {
	readonly #scorer: ReturnType<typeof scorerOf>;
	#tree: ReturnType<typeof plant>;
	#isBroken = false;

	constructor(
		config: RunRecord['config'],
		environment: Environment,
		scenario: Parameters<typeof scorerOf>[2]
	) {
		this.#scorer = scorerOf(config, environment, scenario);
		this.#tree = plant({ scenario: scenario.id, strategy: config.strategy });
	}

	async next({ earned: _earned, goals: _goals, ...bare }: SearchEvent): Promise<SearchEvent> {
		const event = bare as SearchEvent;
		if (this.#isBroken) return event;
		try {
			// Throws for a place that is not in the tree.
			conversation(this.#tree, event.path);
			// The rule of version 1 looked at calls alone, so no state is needed.
			const judged = await this.#scorer.judge(this.#tree, event, {});
			this.#tree = apply(this.#tree, { ...judged, n: event.n });
			return { ...judged, n: event.n };
		} catch (error) {
			if (!(error instanceof HistoryError || error instanceof RangeError)) throw error;
			this.#isBroken = true;
			return event;
		}
	}
}
