import { group, number, whole } from '../base/options.ts';
import { plainSampling } from '../models/language-model.ts';

/** Of one message. One of the embedded model is shorter unless it rambles, and then it should be stopped early: its context is small. */
export const usualMaxTokens = 120;

/**
 * How the model of a role draws its tokens, as options of a part.
 * @param role whose flags these are: the agent's have no prefix
 */
export function samplingOptions(role: 'agent' | 'user', temperature: number, hint: string) {
	const flag = (name: string) => ({ flag: role === 'agent' ? name : `user-${name}` });
	const label = (text: string) => (role === 'agent' ? `Agent ${text}` : `User ${text}`);
	return group({
		temperature: number(0, 5, temperature, { label: label('temperature'), hint, ...flag('temperature') }),
		topP: number(0, 1, plainSampling.topP, {
			label: label('top-p'),
			hint: '1 is off',
			rare: true,
			...flag('top-p')
		}),
		topK: whole(0, 1_000_000, plainSampling.topK, {
			label: label('top-k'),
			hint: '0 is off',
			rare: true,
			...flag('top-k')
		}),
		minP: number(0, 1, plainSampling.minP, {
			label: label('min-p'),
			hint: '0 is off',
			rare: true,
			...flag('min-p')
		}),
		maxTokens: whole(1, 1_000_000, usualMaxTokens, {
			label: label('longest message'),
			hint: 'tokens',
			...flag('max-tokens')
		})
	});
}
