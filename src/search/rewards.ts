import { canonicalJson } from '../base/json.ts';
import type { Call, Environment, ExecutedCall, Goal, Scenario } from '../environment/environment.ts';
import { creditCalls } from '../talk/rewards/credit.ts';

/** The reward set of a search: an ordered multiset of goals and the rule that earns them (section 2.2). */
export interface Rewards {
	readonly goals: readonly Goal[];
	/**
	 * What `calls` earn, in call order: positions in `goals`, each at most once. `undefined` stands for a call that equals a goal
	 * whose copies earlier calls of the list have used up (Q4).
	 * @param left positions of the goals not yet earned, in order
	 */
	match(calls: readonly ExecutedCall[], left: readonly number[]): readonly (number | undefined)[];
}

/** The goals of a scenario, earned by the environment's rule; one call earns at most one goal. */
export function environmentRewards(
	environment: Pick<Environment, 'earns'>,
	scenario: Pick<Scenario, 'goals'>
): Rewards {
	const { goals } = scenario;
	return {
		goals,
		match: (calls, left) =>
			creditCalls(goals, left, calls, (goal, executed) => environment.earns(goal, executed))
	};
}

/** The paper's plain rewards: calls that must be made exactly so, each as often as it is listed. */
export function plainRewards(calls: readonly Call[]): Rewards {
	const goals = calls.map((call, position): Goal => ({ ...call, id: String(position), match: 'subset' }));
	const keys = calls.map(keyOf);
	return {
		goals,
		match(calls, left) {
			const used = new Set<number>();
			const matches: (number | undefined)[] = [];
			for (const call of calls) {
				const key = keyOf(call);
				const equal = left.filter((position) => keys[position] === key);
				if (equal.length === 0) continue;
				const position = equal.find((candidate) => !used.has(candidate));
				if (position !== undefined) used.add(position);
				matches.push(position);
			}
			return matches;
		}
	};
}

function keyOf({ name, arguments: args }: Call): string {
	return canonicalJson([name, args]);
}
