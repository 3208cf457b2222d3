import { PartList } from '../../base/part.ts';
import { functionCalling } from './function-calling.ts';
import { react } from './react.ts';

/** All agents; a new one is a file here and a line in this list. */
export const agents = new PartList('agent', [functionCalling, react]);
