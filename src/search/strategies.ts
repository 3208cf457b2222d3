import { PartList } from '../base/part.ts';
import { josh } from './josh/josh.ts';
import { bestOfN, plain } from './lines.ts';
import type { Strategy } from './strategy.ts';

/** All strategies; a new one is a file here and a line in this list. */
export const strategies = new PartList<Strategy>('strategy', [josh, plain, bestOfN]);
