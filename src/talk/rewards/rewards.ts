import { PartList } from '../../base/part.ts';
import { endState } from './end-state.ts';
import { environmentChecks } from './environment.ts';
import { exactCalls } from './exact-calls.ts';
import { goalCalls } from './goal-calls.ts';
import { product } from './product.ts';
import type { RewardPart } from './reward-part.ts';
import { said } from './said.ts';

/** All rewards; a new one is a file here and a line in this list. */
export const rewards: PartList<RewardPart> = new PartList<RewardPart>('reward', [
	goalCalls,
	exactCalls,
	endState,
	said,
	environmentChecks,
	product(() => rewards)
]);
