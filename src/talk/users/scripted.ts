import { userPart } from './user-part.ts';
import { options } from '../../base/options.ts';
export const scripted = userPart({
	kind: 'scripted',
	version: 1,
	label: 'Scripted',
	options: options({}),
	create() {
		throw new Error('soon');
	}
});
