import type { EnvironmentFacts, Scenario } from '../environment/environment.ts';
import type { SearchEvent } from '../search/events.ts';
import { apply, plant } from '../search/fold.ts';
import { summarize, wordsIn } from '../harvest/search-summary.ts';
import { searchId, searchKey, type SearchId } from '../search/run.ts';
import type { SearchTree } from '../search/tree.ts';
import type { EndedSearch, RunOverview, RunRecord, RunStore, SummarizedSearch } from '../store/run-store.ts';
import { searchWords } from '../store/stored-data.ts';
import { Searches } from '../store/stored-summaries.ts';
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
			const one = searchId(id, trial);
			if (!scenario) {
				damage.push(unknownScenario(one, environment));
				yield { id, trial, history: events, damage };
				continue;
			}
			const { tree, problem } = grow(plant({ scenario: id, strategy }), events);
			if (problem !== undefined) damage.push(problem);
			// Each search of a finished run came to its end.
			else if (damage.length === 0 && status === 'finished' && !tree.done)
				damage.push(unfinished(one, events.length));
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
	/** In the order of the configuration. */
	readonly ended: readonly SummarizedSearch[];
	/** All first trials in the order of the configuration, then all second ones: what is cut off is still spread evenly. */
	readonly open: readonly OpenSearch[];
	/** What is lost of scenarios, by id; of those that have ended, who reads them finds it. */
	readonly damaged: ReadonlyMap<string, string>;
	/** Damage that belongs to no scenario. */
	readonly strays: readonly string[];
}

export interface SnapshotHooks {
	/** Gets what is to be kept of searches that have ended and were not summarized, some at a time. */
	readonly onEnded?: (ended: readonly EndedSearch[]) => Promise<void>;
	/** Scenarios whose events were read, of those that have to be. */
	readonly onProgress?: (done: number, of: number) => void;
}

/** Searches that are kept at once. */
const batch = 100;

/**
 * Where a run stands, by the summaries of what has ended; events are read of no other scenarios than those that have begun and have no summary.
 * @param overview of the run in the same store
 */
export async function snapshotOf(
	store: SearchStore,
	record: RunRecord,
	environment: EnvironmentFacts,
	overview: RunOverview,
	{ onEnded, onProgress }: SnapshotHooks = {}
): Promise<RunSnapshot> {
	const { config, status } = record;
	const searches = new Searches(config);
	const figures = new Figures(searches.count);
	const ended = new Map(overview.ended.map((search) => [searchKey(search), search]));
	const open = new Map<string, OpenSearch>();
	const damaged = new Map<string, string>();

	const begun = new Set(overview.begun.map(({ scenario }) => scenario));
	const scenarios = config.scenarios.filter((scenario) => begun.has(scenario));
	let made: EndedSearch[] = [];
	let read = 0;
	for await (const search of storedSearches(
		store,
		{ ...record, config: { ...config, scenarios } },
		environment
	)) {
		const { trial, history } = search;
		if (trial === 0) onProgress?.(read++, scenarios.length);
		if ('damage' in search) {
			damaged.set(search.id, search.damage.join('; '));
			continue;
		}
		const { scenario, tree } = search;
		const id = searchId(scenario.id, trial);
		if (ended.has(searchKey(id))) continue;
		if (!tree.done) {
			open.set(searchKey(id), { scenario, trial, history });
			continue;
		}
		const summary = summarize(tree, environment.prompts.agent);
		ended.set(searchKey(id), { ...id, summary });
		if (onEnded) made.push({ ...id, summary, words: wordsIn(tree) });
		if (made.length < batch) continue;
		await onEnded?.(made);
		made = [];
	}
	if (made.length > 0) await onEnded?.(made);
	if (scenarios.length > 0) onProgress?.(scenarios.length, scenarios.length);

	const byId = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	const inOrder: SummarizedSearch[] = [];
	const waiting: OpenSearch[] = [];
	for (let place = 0; place < searches.count; place++) {
		const id = searches.at(place);
		const { scenario, trial = 0 } = id;
		if (damaged.has(scenario)) continue;
		const known = ended.get(searchKey(id));
		const facts = byId.get(scenario);
		if (known) inOrder.push(known);
		else if (!facts) damaged.set(scenario, unknownScenario(id, environment));
		else if (status === 'finished') damaged.set(scenario, unfinished(id, 0));
		else waiting.push(open.get(searchKey(id)) ?? { scenario: facts, trial, history: [] });
	}
	for (const { summary } of inOrder) figures.ended(summary);
	for (const { history } of waiting) for (const event of history) figures.step(event);
	waiting.sort((a, b) => a.trial - b.trial);
	return { figures, ended: inOrder, open: waiting, damaged, strays: overview.strays };
}

function unknownScenario(id: SearchId, { id: environment }: Pick<EnvironmentFacts, 'id'>): string {
	return `${searchWords(id)}: the environment ${environment} does not have it`;
}

function unfinished(id: SearchId, events: number): string {
	return `${searchWords(id)}: its last steps are missing; there are ${events}`;
}
