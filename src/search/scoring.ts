import type { EnvironmentState } from '../environment/environment.ts';
import type { AgentStep, UserStep } from '../talk/participants.ts';
import { scoreOf, type Earned, type Happened, type Reward } from '../talk/rewards/reward-part.ts';
import type { SearchEvent, Verdict, WantedStep } from './events.ts';
import { strategyOf } from './fold.ts';
import { callsOn, conversation, messagesOf, type SearchTree } from './tree.ts';

/** What the driver is told of a step, not yet numbered or judged. */
export type Taken =
	(Extract<WantedStep, { kind: 'agent' }> & AgentStep) | (Extract<WantedStep, { kind: 'user' }> & UserStep);

/** Judges steps when they end, so that nobody has to do it again. */
export class Scorer {
	/** Guides. */
	readonly #reward: Reward;
	/** Scores the end; absent if the share of earned goals does. */
	readonly #score: Reward | undefined;
	/** Stored runs of version 1 and recorded traces know nothing of goals that users make true. */
	readonly #byUsers: boolean;

	constructor(reward: Reward, score?: Reward, { byUsers = true } = {}) {
		this.#reward = reward;
		this.#score = score;
		this.#byUsers = byUsers;
	}

	/**
	 * The event of a step.
	 * @param tree before the step @param state after its calls
	 */
	async judge(tree: SearchTree, taken: Taken, state: EnvironmentState): Promise<SearchEvent> {
		const n = tree.events;
		const earned = await this.#earned(tree, taken, state);
		const goals = n === 0 && !tree.rules.goals ? this.#reward.goals : undefined;
		return { ...taken, n, ...(goals && { goals }), ...(earned.length > 0 && { earned }) };
	}

	/** What the end of a search is worth. @param tree with its last event @param state at the end of its root's conversation */
	async verdict(tree: SearchTree, state: EnvironmentState): Promise<Verdict | undefined> {
		if (!this.#score || !tree.done) return undefined;
		const entries = conversation(tree, tree.root);
		const components = await this.#score.score({
			transcript: messagesOf(entries),
			state,
			calls: callsOn(entries)
		});
		return { score: scoreOf(components), components };
	}

	get scores(): boolean {
		return this.#score !== undefined;
	}

	async #earned(tree: SearchTree, taken: Taken, state: EnvironmentState): Promise<readonly Earned[]> {
		// Before the first event the goals are not in the tree yet, and an opening earns none.
		if (tree.phase.kind === 'opening') return [];
		const strategy = strategyOf(tree.rules);
		const scored =
			taken.kind === 'agent'
				? strategy.scoreAgent(tree, taken, taken)
				: this.#byUsers && { calls: taken.calls ?? [], ...strategy.scoreUser(tree, taken) };
		if (!scored || !scored.left || scored.left.length === 0) return [];
		const { kind: by, path, messages } = taken;
		const happened: Happened = {
			by,
			calls: scored.calls,
			messages,
			// Most rewards do not ask for it, and it is long.
			get transcript() {
				return [...messagesOf(conversation(tree, path)), ...messages];
			},
			state
		};
		return this.#reward.match(happened, scored.left);
	}
}
