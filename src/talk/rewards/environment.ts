import { options } from '../../base/options.ts';
import { rewardPart, scoreOf } from './reward-part.ts';

/** What the environment itself says of a conversation's end. It is earned when every component is known and whole. */
export const environmentChecks = rewardPart({
	kind: 'environment',
	version: 1,
	label: 'Checks of the environment',
	options: options({}),
	create(_options, { scenario, environment }) {
		const components = async (
			state: object,
			transcript: Parameters<NonNullable<typeof environment.check>>[2]
		) =>
			(await environment.check?.(scenario, state, transcript)) ?? [
				{ name: 'environment', value: 'unknown' as const }
			];
		return {
			goals: environment.check ? [{ id: 'environment', label: 'all checks of the environment pass' }] : [],
			async match({ state, transcript }, left) {
				if (left.length === 0) return [];
				return scoreOf(await components(state, transcript)) === 1 ? [0] : [];
			},
			score: ({ state, transcript }) => components(state, transcript)
		};
	}
});
