import { labelTree, type LabelledTree } from '../harvest/labels.ts';
import type { ScenarioFacts } from '../run/run-service.ts';
import { apply } from '../search/fold.ts';
import type { SearchEvent } from '../search/events.ts';
import { viewId } from './by-id.ts';
import { resultOf, type SearchTree } from '../search/tree.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';
import { pictureTree, type LiveText } from './picture.ts';

/**
 * - `unknown`: done, and neither passed nor failed.
 * - `stopped`: begun, and nobody goes on with it now. `failed`: done without any goal.
 * - `broken`: it could not be searched to its end.
 */
export type ScenarioStatus =
	'waiting' | 'running' | 'stopped' | 'success' | 'partial' | 'failed' | 'unknown' | 'goalless' | 'broken';

/** One search of the open run. Everything that is shown is derived from its tree. */
export class ScenarioView {
	readonly id: string;
	readonly scenario: ScenarioFacts;
	readonly #isActive: () => boolean;
	tree = $state.raw() as SearchTree;
	texts = $state.raw<readonly LiveText[]>([]);
	/** Its stored events do not fit together. */
	#damaged = false;
	/** Why it could not be searched to its end. */
	failure = $state<string>();
	/** It cannot be read to its end: the failure stays, whatever can be read. */
	isUnreadable = false;

	/** @param isActive whether the run is being run, in whatever tab */
	constructor(scenario: ScenarioFacts, trial: number, tree: SearchTree, isActive: () => boolean) {
		this.id = viewId({ scenario: scenario.id, trial });
		this.scenario = scenario;
		this.tree = tree;
		this.#isActive = isActive;
	}

	readonly picture = $derived(pictureTree(this.tree, this.texts));
	/** What becomes of its messages. Of a search under way nothing is certain yet, and the rule takes its time. */
	labelled(objection: string | undefined): LabelledTree | undefined {
		if (!this.tree.done) return undefined;
		return labelTree({ tree: this.tree, agentPrompt: this.scenario.agentPrompt, objection });
	}

	readonly over = $derived(this.tree.done !== undefined);
	readonly goals: readonly { readonly goal: RewardGoal; readonly earned: boolean }[] = $derived.by(() =>
		this.scenario.goals.map((goal, position) => ({
			goal,
			earned: this.tree.goals.length > 0 && !this.tree.left.includes(position)
		}))
	);
	readonly status: ScenarioStatus = $derived.by(() => {
		if (this.failure !== undefined || this.tree.done?.reason === 'error') return 'broken';
		if (this.over && this.goalCount === 0) return 'goalless';
		if (this.over) {
			const result = resultOf(this.tree);
			if (result === 'passed') return 'success';
			if (result === 'unknown') return 'unknown';
			return this.tree.reward > 0 ? 'partial' : 'failed';
		}
		if (this.tree.events === 0 && this.texts.length === 0) return 'waiting';
		return this.#isActive() ? 'running' : 'stopped';
	});

	get earnedCount(): number {
		return this.tree.goals.length - this.tree.left.length;
	}

	get goalCount(): number {
		return this.scenario.goals.length;
	}

	fold(event: SearchEvent): void {
		if (this.#damaged) return;
		try {
			this.tree = apply(this.tree, event);
			// It goes on, so the failure was of an earlier session.
			if (!this.isUnreadable) this.failure = undefined;
		} catch (error) {
			this.#damaged = true;
			this.failure = error instanceof Error ? error.message : String(error);
		}
	}
}
