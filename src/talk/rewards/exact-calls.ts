import { canonicalJson } from '../../base/json.ts';
import { options } from '../../base/options.ts';
import type { Call, ExecutedCall } from '../../environment/environment.ts';
import { callLabel, rewardPart, type Earned, type Reward } from './reward-part.ts';

export const exactCalls = rewardPart({
	kind: 'exact-calls',
	version: 1,
	label: 'Exact calls',
	options: options({}),
	create: (_options, { scenario }) => exactReward(scenario.goals)
});

/**
 * The paper's plain rewards: calls that must be made exactly so, each as often as it is listed. A call that equals a goal whose copies earlier calls
 * of the list have used up is surplus (Q4). What calls returned is not looked at.
 */
export function exactReward(wanted: readonly (Call & { readonly id?: string })[]): Reward {
	const keys = wanted.map(keyOf);
	const match = (calls: readonly ExecutedCall[], left: readonly number[]): Earned[] => {
		const used = new Set<number>();
		const earned: Earned[] = [];
		for (const call of calls) {
			const key = keyOf(call);
			const equal = left.filter((position) => keys[position] === key);
			if (equal.length === 0) continue;
			const position = equal.find((candidate) => !used.has(candidate));
			if (position !== undefined) used.add(position);
			earned.push(position ?? 'surplus');
		}
		return earned;
	};
	return {
		goals: wanted.map((goal, position) => {
			const call = { name: goal.name, arguments: goal.arguments };
			return { id: goal.id ?? String(position), label: callLabel(call), call };
		}),
		match: async ({ calls }, left) => match(calls, left),
		async score({ calls, earned }) {
			const all = wanted.map((_, position) => position);
			const found = earned ?? match(calls, all).filter((one) => one !== 'surplus');
			return [{ name: 'exact-calls', value: wanted.length === 0 ? 'unknown' : found.length / wanted.length }];
		}
	};
}

function keyOf({ name, arguments: args }: Call): string {
	return canonicalJson([name, args]);
}
