import type { ModelIdentity } from '../models/language-model.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { ModelProgress } from './models.ts';

/** The models of runs, before and between runs. */
export interface ModelService {
	/** Says with which key to ask a server from now on; kept in memory only. */
	useKey(address: string, key: string | undefined): Promise<void>;
	/**
	 * Loads models, which then wait for a run. A run made without that loads them itself, without progress.
	 * @throws {ModelLoadError}
	 * @throws an `AbortError` after `signal` aborts
	 */
	load(
		sources: RoleModels<ModelSource>,
		onProgress?: (progress: ModelProgress) => void,
		signal?: AbortSignal
	): Promise<RoleModels<ModelIdentity>>;
}
