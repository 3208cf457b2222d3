import type { Environment } from '../environment/environment.ts';
import { apply, plant } from '../search/josh/apply.ts';
import type { SearchEvent } from '../search/events.ts';
import type { RunConfig } from '../search/run-config.ts';
import { searchRules, type SearchJob } from '../search/search.ts';
import type { SearchTree } from '../search/tree.ts';
import type { FinishedSearch } from './examples.ts';

/**
 * The searches of a run, grown again from their events: one after the other in the order of the configuration, whatever order they
 * finished in. A search that is not done comes as far as its events go.
 * @param eventsOf a scenario's events, from number 0
 * @throws {Error} naming the scenario, if the environment has none of that id
 * @throws {HistoryError} if events do not fit the configuration
 */
export async function* regrow(
	environment: Environment,
	{ scenarios, search }: Pick<RunConfig, 'scenarios' | 'search'>,
	eventsOf: (scenario: string) => Iterable<SearchEvent> | Promise<Iterable<SearchEvent>>,
	exhausted?: SearchJob['exhausted']
): AsyncGenerator<FinishedSearch, void, void> {
	const byId = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	for (const id of scenarios) {
		const scenario = byId.get(id);
		if (!scenario) throw new Error(`the environment ${environment.id} has no scenario ${id}`);
		const job = { environment, scenario, options: search, ...(exhausted && { exhausted }) };
		yield { environment, scenario, tree: regrowTree(job, await eventsOf(id)) };
	}
}

/**
 * The tree of one search.
 * @param events from number 0
 * @throws {HistoryError} if events do not fit the job
 */
export function regrowTree(
	job: Parameters<typeof searchRules>[0],
	events: Iterable<SearchEvent>
): SearchTree {
	let tree = plant(searchRules(job));
	for (const event of events) tree = apply(tree, event);
	return tree;
}
