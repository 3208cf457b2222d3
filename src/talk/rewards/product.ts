import { choices, options } from '../../base/options.ts';
import type { PartList } from '../../base/part.ts';
import { rewardPart, type Earned, type RewardPart } from './reward-part.ts';

const factors = ['goal-calls', 'exact-calls', 'end-state', 'said', 'environment'] as const;

/** Several rewards at once: all their goals are to be earned, and a conversation is worth the product of what each makes of it. */
export const product = (rewards: () => PartList<RewardPart>): RewardPart =>
	rewardPart({
		kind: 'product',
		version: 1,
		label: 'Product of several',
		options: options({
			of: choices(factors, ['goal-calls', 'said'], {
				label: 'Rewards of the product',
				hint: 'all of them must be earned',
				flag: 'product-of'
			})
		}),
		unfit(scenario, facts, { of }) {
			for (const kind of of) {
				const problem = rewards().get(kind).unfit?.(scenario, facts, {});
				if (problem !== undefined) return problem;
			}
			return undefined;
		},
		create({ of }, place) {
			const parts = of.map((kind) => ({ kind, reward: rewards().get(kind).create({}, place) }));
			let before = 0;
			const placed = parts.map(({ kind, reward }) => {
				const from = before;
				before += reward.goals.length;
				return { kind, reward, from, to: before };
			});
			const within = (positions: readonly number[], from: number, to: number) =>
				positions.filter((position) => position >= from && position < to).map((position) => position - from);
			return {
				goals: placed.flatMap(({ kind, reward }) =>
					reward.goals.map((goal) => ({ ...goal, id: `${kind} ${goal.id}` }))
				),
				async match(happened, left) {
					const earned: Earned[] = [];
					for (const { reward, from, to } of placed)
						for (const one of await reward.match(happened, within(left, from, to)))
							earned.push(one === 'surplus' ? one : one + from);
					return earned;
				},
				async score({ earned, ...finished }) {
					const components = [];
					for (const { reward, from, to } of placed)
						components.push(
							...(await reward.score({ ...finished, ...(earned && { earned: within(earned, from, to) }) }))
						);
					return components;
				}
			};
		}
	});
