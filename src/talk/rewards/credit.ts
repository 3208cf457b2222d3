import type { ExecutedCall, Goal } from '../../environment/environment.ts';

/**
 * Which goals these calls earn: in call order, each call the first goal that is still open and that it earns.
 * @param open positions in `goals`, in order
 * @returns positions, in order of earning
 */
export function creditCalls(
	goals: readonly Goal[],
	open: readonly number[],
	calls: readonly ExecutedCall[],
	earns: (goal: Goal, executed: ExecutedCall) => boolean
): number[] {
	const earned: number[] = [];
	for (const call of calls) {
		const position = open.find((candidate) => !earned.includes(candidate) && earns(goals[candidate]!, call));
		if (position !== undefined) earned.push(position);
	}
	return earned;
}
