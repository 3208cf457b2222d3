import { outcomeOf } from '../harvest/search-summary.ts';
import { labelTree, type LabelledTree } from '../harvest/labels.ts';
import type { ScenarioFacts, SearchStanding } from '../run/run-service.ts';
import { standingOf } from '../run/search-query.ts';
import { apply } from '../search/fold.ts';
import type { SearchEvent } from '../search/events.ts';
import { viewId } from './view-id.ts';
import { searchId } from '../search/run.ts';
import type { SearchTree } from '../search/tree.ts';
import type { RewardGoal } from '../talk/rewards/reward-part.ts';
import { pictureTree, type LiveText } from './picture.ts';

/**
 * - `unknown`: done, and neither passed nor failed.
 * - `stopped`: begun, and nobody goes on with it now. `failed`: done without any goal.
 * - `broken`: it could not be searched to its end.
 */
export type ScenarioStatus =
	'waiting' | 'running' | 'stopped' | 'success' | 'partial' | 'failed' | 'unknown' | 'goalless' | 'broken';

/** How a search stands that is not looked at. @param isActive whether the run is being run, in whatever tab */
export function statusOfStanding(standing: SearchStanding, isActive: boolean): ScenarioStatus {
	switch (standing) {
		case 'passed':
			return 'success';
		case 'no goals':
			return 'goalless';
		case 'error':
			return 'broken';
		case 'begun':
			return isActive ? 'running' : 'stopped';
		default:
			return standing;
	}
}

/** What a search asks of the run it belongs to. */
interface Surroundings {
	/** Whether the run is being run, in whatever tab. */
	readonly isActive: () => boolean;
	/** Why a search could not be searched to its end, or not be read. */
	readonly failure: (id: string) => string | undefined;
	/** Its events do not fit together. */
	readonly onDamage: (id: string, reason: string) => void;
}

/** One search of the open run. Everything that is shown is derived from its tree. */
export class ScenarioView {
	readonly id: string;
	readonly scenario: ScenarioFacts;
	readonly #run: Surroundings;
	tree = $state.raw() as SearchTree;
	texts = $state.raw<readonly LiveText[]>([]);
	#damaged = false;

	constructor(scenario: ScenarioFacts, trial: number, tree: SearchTree, run: Surroundings) {
		this.id = viewId(searchId(scenario.id, trial));
		this.scenario = scenario;
		this.tree = tree;
		this.#run = run;
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

	get failure(): string | undefined {
		return this.#run.failure(this.id);
	}

	readonly status: ScenarioStatus = $derived.by(() => {
		if (this.failure !== undefined) return 'broken';
		if (this.over) return statusOfStanding(standingOf(outcomeOf(this.tree)), false);
		if (this.tree.events === 0 && this.texts.length === 0) return 'waiting';
		return statusOfStanding('begun', this.#run.isActive());
	});

	fold(event: SearchEvent): void {
		if (this.#damaged) return;
		try {
			this.tree = apply(this.tree, event);
		} catch (error) {
			this.#damaged = true;
			this.#run.onDamage(this.id, error instanceof Error ? error.message : String(error));
		}
	}
}
