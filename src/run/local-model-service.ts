import type { ModelSource, RoleModels } from '../models/source.ts';
import type { ModelService } from './model-service.ts';
import type { ModelProgress, RunModels } from './models.ts';

/** The `ModelService` of one tab. */
export class LocalModelService implements ModelService {
	readonly #models: RunModels;

	constructor(models: RunModels) {
		this.#models = models;
	}

	async useKey(address: string, key: string | undefined): Promise<void> {
		this.#models.useKey(address, key);
	}

	async load(
		sources: RoleModels<ModelSource>,
		onProgress?: (progress: ModelProgress) => void,
		signal?: AbortSignal
	) {
		this.#models.askAgain(sources);
		return this.#models.identities(sources, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
	}
}
