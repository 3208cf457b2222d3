import type { Environment, Scenario } from '../environment/environment.ts';
import { regrowTree } from '../harvest/regrow.ts';
import type { SearchEvent } from '../search/events.ts';
import type { SearchTree } from '../search/tree.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import { Figures } from './figures.ts';

/** A search as far as its stored events go, or why they cannot be read. */
export type StoredSearch =
	| { readonly scenario: Scenario; readonly tree: SearchTree; readonly history: readonly SearchEvent[] }
	| { readonly failure: string; readonly id: string };

/**
 * The searches of a run in the order of its configuration, one at a time in memory. A scenario whose events are damaged does not
 * keep the others from being read.
 */
export async function* storedSearches(
	store: Pick<RunStore, 'events'>,
	{ id: run, config }: RunRecord,
	environment: Environment
): AsyncGenerator<StoredSearch, void, void> {
	const byId = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	for (const id of config.scenarios) {
		try {
			const history = (await store.events(run, id)).map(({ event }) => event);
			const scenario = byId.get(id);
			if (!scenario) throw new Error(`the environment ${environment.id} has no scenario ${id}`);
			const tree = regrowTree({ environment, scenario, options: config.search }, history);
			yield { scenario, tree, history };
		} catch (error) {
			yield { failure: error instanceof Error ? error.message : String(error), id };
		}
	}
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
	/** Why scenarios cannot be read, by id. */
	readonly failures: ReadonlyMap<string, string>;
}

export async function standingOf(
	store: Pick<RunStore, 'events'>,
	record: RunRecord,
	environment: Environment
): Promise<Standing> {
	const figures = new Figures(record.config.scenarios.length);
	const open: OpenSearch[] = [];
	const failures = new Map<string, string>();
	for await (const search of storedSearches(store, record, environment)) {
		if ('failure' in search) {
			failures.set(search.id, search.failure);
			continue;
		}
		const { scenario, tree, history } = search;
		for (const event of history) figures.step(event);
		if (tree.done) figures.finish(tree);
		else open.push({ scenario, history });
	}
	return { figures, open, failures };
}
