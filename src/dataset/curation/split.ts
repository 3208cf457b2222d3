import { Random } from '../../base/random.ts';
import type { Split } from '../../environment/environment.ts';
import type { DatasetSplit } from '../format.ts';
import type { CurationOptions } from './curation.ts';

/**
 * Which split all rows of a scenario belong to. What the pack holds back stays held back; of its own `train` scenarios each is drawn by
 * itself, so that more scenarios do not move those that were there before.
 */
export function splitOf(
	scenario: string,
	packSplit: Split,
	{ testShare, seed }: Pick<CurationOptions, 'testShare' | 'seed'>
): DatasetSplit {
	if (packSplit !== 'train') return 'test';
	return new Random(seed, 'split', scenario).chance(testShare) ? 'test' : 'train';
}
