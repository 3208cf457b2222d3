import type { Environment, Scenario } from '../environment/environment.ts';
import { apply, plant } from '../search/josh/apply.ts';
import type { SearchEvent } from '../search/events.ts';
import { searchRules } from '../search/search.ts';
import type { SearchTree } from '../search/tree.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import { Figures } from './figures.ts';

/** What of a run can be read again. */
export type SearchStore = Pick<RunStore, 'events' | 'strays'>;

/** A search as far as its stored events go. */
export type StoredSearch = {
	/** What its stored events are good for: those before anything damaged. */
	readonly history: readonly SearchEvent[];
} & (
	| { readonly scenario: Scenario; readonly tree: SearchTree }
	/** What is lost of the scenario: no tree can be trusted. */
	| { readonly id: string; readonly damage: readonly string[] }
);

/**
 * The searches of a run in the order of its configuration, one at a time in memory. A scenario whose events are damaged does not
 * keep the others from being read.
 */
export async function* storedSearches(
	store: SearchStore,
	{ id: run, config, status }: RunRecord,
	environment: Environment
): AsyncGenerator<StoredSearch, void, void> {
	const byId = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	for (const id of config.scenarios) {
		const stored = await store.events(run, id);
		const events = stored.events.map(({ event }) => event);
		const damage = [...stored.damage];
		const scenario = byId.get(id);
		if (!scenario) {
			damage.push(`scenario ${id}: the environment ${environment.id} does not have it`);
			yield { id, history: events, damage };
			continue;
		}
		const rules = searchRules({ environment, scenario, options: config.search });
		const { tree, problem } = grow(plant(rules), events);
		if (problem !== undefined) damage.push(problem);
		// Each search of a finished run came to its end.
		else if (damage.length === 0 && status === 'finished' && !tree.done)
			damage.push(`scenario ${id}: its last steps are missing; there are ${events.length}`);
		const history = events.slice(0, tree.events);
		yield damage.length > 0 ? { id, history, damage } : { scenario, tree, history };
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
	readonly history: readonly SearchEvent[];
}

/** Where a run stands. */
export interface Standing {
	readonly figures: Figures;
	/** In the order of the configuration. */
	readonly open: readonly OpenSearch[];
	/** What is lost of scenarios, by id. */
	readonly damaged: ReadonlyMap<string, string>;
	/** Damage that belongs to no scenario. */
	readonly strays: readonly string[];
}

export async function standingOf(
	store: SearchStore,
	record: RunRecord,
	environment: Environment
): Promise<Standing> {
	const figures = new Figures(record.config.scenarios.length);
	const open: OpenSearch[] = [];
	const damaged = new Map<string, string>();
	for await (const search of storedSearches(store, record, environment)) {
		if ('damage' in search) {
			damaged.set(search.id, search.damage.join('; '));
			continue;
		}
		const { scenario, tree, history } = search;
		for (const event of history) figures.step(event);
		if (tree.done) figures.finish(tree);
		else open.push({ scenario, history });
	}
	return { figures, open, damaged, strays: await store.strays(record.id) };
}
