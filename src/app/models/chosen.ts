import { parseJson } from '../../base/json-read.ts';
import { writeJson } from '../../base/json.ts';
import { embeddedInBothRoles, type ModelSource, type RoleModels } from '../../models/source.ts';
import { readModelSources } from '../../store/stored-data.ts';
import { recall, remember } from '../remembered.ts';

const key = 'joshtree.models';

/** The models that were chosen last in this browser; the embedded one if that cannot be read. */
export function storedChoice(): RoleModels<ModelSource> {
	try {
		return readModelSources(parseJson(recall(key) ?? 'null'), 'The chosen models');
	} catch {
		return embeddedInBothRoles;
	}
}

/** Keys of servers are not part of a source, so none is stored here. */
export function storeChoice(chosen: RoleModels<ModelSource>): void {
	remember(key, writeJson(chosen));
}
