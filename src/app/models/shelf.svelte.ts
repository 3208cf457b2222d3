import type { Remote } from 'comlink';
import type { CatalogueService } from '../../models/webllm/host.ts';
import { embeddedInBothRoles, type ModelSource, type RoleModels } from '../../models/source.ts';

/** Starts the worker that holds web-llm's list. */
export type OpenCatalogue = () => Remote<CatalogueService>;

/** The models there are to choose from, and which are chosen for new runs. */
export class ModelShelf {
	chosen = $state.raw<RoleModels<ModelSource>>(embeddedInBothRoles);
	readonly isConnected: boolean;

	constructor(openCatalogue?: OpenCatalogue) {
		this.isConnected = openCatalogue !== undefined;
	}
}
