import type { EnvironmentFacts, Scenario } from '../environment/environment.ts';
import type { SearchEvent } from '../search/events.ts';
import { apply, plant } from '../search/fold.ts';
import { searchId } from '../search/run.ts';
import type { SearchTree } from '../search/tree.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import { searchWords } from '../store/stored-data.ts';
import { Figures } from './figures.ts';

/** What of a run can be read again. */
export type SearchStore = Pick<RunStore, 'events' | 'strays'>;

/** A search as far as its stored events go. */
export type StoredSearch = {
	/** What its stored events are good for: those before anything damaged. */
	readonly history: readonly SearchEvent[];
	/** From 0. */
	readonly trial: number;
} & (
	| { readonly scenario: Scenario; readonly tree: SearchTree }
	/** What is lost of the scenario: no tree can be trusted. */
	| { readonly id: string; readonly damage: readonly string[] }
);

/**
 * The searches of a run in the order of its configuration, the trials of a scenario one after the other, one scenario at a time in memory. Nothing
 * is carried out or asked again: what was earned is in the events. A scenario whose events are damaged does not keep the others from being read.
 * @param store events of the present schema; see `scored`
 */
export async function* storedSearches(
	store: SearchStore,
	{ id: run, config, status }: RunRecord,
	environment: EnvironmentFacts
): AsyncGenerator<StoredSearch, void, void> {
	const byId = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	const { strategy, trials = 1 } = config;
	for (const id of config.scenarios) {
		const stored = await store.events(run, id);
		const scenario = byId.get(id);
		for (let trial = 0; trial < trials; trial++) {
			const events = stored.events.flatMap((one) => ((one.trial ?? 0) === trial ? [one.event] : []));
			// Damage has no trial for certain: it concerns all.
			const damage = [...stored.damage];
			const words = searchWords(searchId(id, trial));
			if (!scenario) {
				damage.push(`${words}: the environment ${environment.id} does not have it`);
				yield { id, trial, history: events, damage };
				continue;
			}
			const { tree, problem } = grow(plant({ scenario: id, strategy }), events);
			if (problem !== undefined) damage.push(problem);
			// Each search of a finished run came to its end.
			else if (damage.length === 0 && status === 'finished' && !tree.done)
				damage.push(`${words}: its last steps are missing; there are ${events.length}`);
			const history = events.slice(0, tree.events);
			yield damage.length > 0 ? { id, trial, history, damage } : { scenario, trial, tree, history };
		}
	}
}

/** The tree as far as the events fit, and why the next one does not. */
function grow(tree: SearchTree, events: readonly SearchEvent[]): { tree: SearchTree; problem?: string } {
	for (const event of events) {
		try {
			tree = apply(tree, event);
		} catch (error) {
			return { tree, problem: error instanceof Error ? error.message : String(error) };
		}
	}
	return { tree };
}

/** A scenario that is not searched to its end. */
export interface OpenSearch {
	readonly scenario: Scenario;
	readonly trial: number;
	readonly history: readonly SearchEvent[];
}

/** Where a run stands. */
export interface RunSnapshot {
	readonly figures: Figures;
	/** All first trials in the order of the configuration, then all second ones: what is cut off is still spread evenly. */
	readonly open: readonly OpenSearch[];
	/** What is lost of scenarios, by id. */
	readonly damaged: ReadonlyMap<string, string>;
	/** Damage that belongs to no scenario. */
	readonly strays: readonly string[];
}

export async function snapshotOf(
	store: SearchStore,
	record: RunRecord,
	environment: EnvironmentFacts
): Promise<RunSnapshot> {
	const { scenarios, trials = 1 } = record.config;
	const figures = new Figures(scenarios.length * trials);
	const open: OpenSearch[] = [];
	const damaged = new Map<string, string>();
	for await (const search of storedSearches(store, record, environment)) {
		if ('damage' in search) {
			damaged.set(search.id, search.damage.join('; '));
			continue;
		}
		const { scenario, trial, tree, history } = search;
		for (const event of history) figures.step(event);
		if (tree.done) figures.finish(tree);
		else open.push({ scenario, trial, history });
	}
	open.sort((a, b) => a.trial - b.trial);
	return { figures, open, damaged, strays: await store.strays(record.id) };
}
