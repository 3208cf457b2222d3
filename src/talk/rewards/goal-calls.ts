import { options } from '../../base/options.ts';
import { earnsGoal } from '../../environment/earns.ts';
import { creditCalls } from './credit.ts';
import { callLabel, rewardPart } from './reward-part.ts';

/**
 * The scenario's goal calls by ToolWOZ's rule, each earned once; one call earns at most one goal. A call earns only if it was carried out:
 * a booking that was rejected earns nothing (ToolWOZ counts it, Q6).
 */
export const goalCalls = rewardPart({
	kind: 'goal-calls',
	version: 1,
	label: 'Goal calls',
	options: options({}),
	create(_options, { scenario: { goals } }) {
		return {
			goals: goals.map((goal) => {
				const call = { name: goal.name, arguments: goal.arguments };
				return { id: goal.id, label: callLabel(call), call };
			}),
			match: async ({ calls }, left) =>
				creditCalls(goals, left, calls, (goal, call) => call.ok && earnsGoal(goal, call)),
			async score({ calls, earned }) {
				const all = goals.map((_, position) => position);
				const found =
					earned ?? creditCalls(goals, all, calls, (goal, call) => call.ok && earnsGoal(goal, call));
				return [{ name: 'goal-calls', value: goals.length === 0 ? 'unknown' : found.length / goals.length }];
			}
		};
	}
});
