import type { ModelIdentity } from '../../models/language-model.ts';
import type { ModelSource, RoleModels } from '../../models/source.ts';
import type { ModelProgress } from '../../run/models.ts';
import type { ModelService } from '../../run/model-service.ts';

/** The loading of chosen models, before a run or just to see that they work. */
export class ModelLoading {
	/** While models are being loaded. */
	progress = $state.raw<ModelProgress>();
	isLoading = $state(false);
	problem = $state<string>();
	/** What was loaded last turned out to be. */
	loaded = $state.raw<{
		readonly sources: RoleModels<ModelSource>;
		readonly identities: RoleModels<ModelIdentity>;
	}>();
	readonly #service: Pick<ModelService, 'load'>;
	#cancel = new AbortController();

	constructor(service: Pick<ModelService, 'load'>) {
		this.#service = service;
	}

	/** @returns whether they are there; if not, `problem` says why, unless it was cancelled */
	async load(sources: RoleModels<ModelSource>): Promise<boolean> {
		if (this.isLoading) return false;
		this.isLoading = true;
		this.#cancel = new AbortController();
		const { signal } = this.#cancel;
		this.problem = undefined;
		this.loaded = undefined;
		try {
			const identities = await this.#service.load(sources, (progress) => (this.progress = progress), signal);
			this.loaded = { sources, identities };
			return true;
		} catch (error) {
			if (!signal.aborted) this.problem = error instanceof Error ? error.message : String(error);
			return false;
		} finally {
			this.isLoading = false;
			this.progress = undefined;
		}
	}

	cancel(): void {
		this.#cancel.abort();
	}
}
