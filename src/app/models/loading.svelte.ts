import type { ModelIdentity } from '../../models/language-model.ts';
import type { ModelSource, RoleModels } from '../../models/source.ts';
import type { ModelProgress } from '../../run/models.ts';
import type { RunService } from '../../run/run-service.ts';

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
	readonly #service: Pick<RunService, 'load' | 'cancelLoading'>;
	#cancelled = false;

	constructor(service: Pick<RunService, 'load' | 'cancelLoading'>) {
		this.#service = service;
	}

	/** @returns whether they are there; if not, `problem` says why, unless it was cancelled */
	async load(sources: RoleModels<ModelSource>): Promise<boolean> {
		if (this.isLoading) return false;
		this.isLoading = true;
		this.#cancelled = false;
		this.problem = undefined;
		this.loaded = undefined;
		try {
			const identities = await this.#service.load(sources, (progress) => (this.progress = progress));
			this.loaded = { sources, identities };
			return true;
		} catch (error) {
			if (!this.#cancelled) this.problem = error instanceof Error ? error.message : String(error);
			return false;
		} finally {
			this.isLoading = false;
			this.progress = undefined;
		}
	}

	cancel(): void {
		this.#cancelled = true;
		void this.#service.cancelLoading();
	}
}
