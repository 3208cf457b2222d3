import { PartList } from '../../base/part.ts';
import { goalUser } from './goal.ts';
import { guideUser } from './guide.ts';
import { person } from './person.ts';
import { scripted } from './scripted.ts';

/** All user simulators; a new one is a file here and a line in this list. */
export const users = new PartList('user', [goalUser, guideUser, scripted, person]);
