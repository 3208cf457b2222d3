import { canonicalJson, type Json } from '../../src/base/json.ts';
import { groupBy } from '../../src/base/group.ts';
import type { Environment } from '../../src/environment/environment.ts';
import { grow } from '../../src/search/fold.ts';
import type { RunConfig } from '../../src/search/run-config.ts';
import type { SearchRow } from '../../src/run/run-service.ts';
import type { ScenarioEvent } from '../../src/store/run-store.ts';

export interface Comparison {
	/** Finished trees that were compared. */
	readonly finished: number;
	/** Trees that had been begun only. */
	readonly unfinished: number;
	/** Steps that were compared. */
	readonly steps: number;
	/** One line for each scenario that differs. Empty: nothing was lost. */
	readonly differences: readonly string[];
}

/** What a run has stored. */
export interface ComparedRun {
	readonly events: readonly ScenarioEvent[];
	/** By the summaries. */
	readonly rows: readonly SearchRow[];
}

/**
 * Compares what a disturbed run stored with an undisturbed run of the same seed. Its finished trees must be equal; an unfinished
 * one must be the beginning of the other. What has ended must be summarized, and in the same way.
 *
 * @param undisturbed all steps of the scenarios that the disturbed run began
 */
export function compareRuns(
	environment: Environment,
	{ strategy }: Pick<RunConfig, 'strategy'>,
	disturbed: ComparedRun,
	undisturbed: ComparedRun
): Comparison {
	const expected = groupBy(undisturbed.events, ({ scenario }) => scenario);
	const rowOf = ({ rows }: ComparedRun, id: string) =>
		canonicalJson((rows.find(({ scenario }) => scenario === id) ?? null) as unknown as Json);
	let finished = 0;
	let unfinished = 0;
	const differences: string[] = [];
	for (const [id, events] of groupBy(disturbed.events, ({ scenario }) => scenario)) {
		const others = expected.get(id) ?? [];
		const different = events.findIndex((one, index) => textOf(one) !== textOf(others[index]));
		const scenario = environment.scenarios.find((one) => one.id === id);
		if (!scenario) {
			differences.push(`${id}: there is no such scenario`);
		} else if (different >= 0) {
			differences.push(`${id}: step ${different} differs`);
		} else {
			const tree = grow(
				{ scenario: id, strategy },
				events.map(({ event }) => event)
			);
			if (tree.done) finished++;
			else unfinished++;
			if (tree.done && events.length < others.length)
				differences.push(`${id}: finished after ${events.length} of ${others.length} steps`);
			else if (tree.done && rowOf(disturbed, id) !== rowOf(undisturbed, id))
				differences.push(`${id}: summarized as ${rowOf(disturbed, id)}, not ${rowOf(undisturbed, id)}`);
		}
	}
	return { finished, unfinished, steps: disturbed.events.length, differences };
}

function textOf(event: ScenarioEvent | undefined): string {
	return event === undefined ? '' : canonicalJson(event as unknown as Json);
}
