import { ModelLoadError } from '../language-model.ts';
import type { KeepOptions, KeptModel, KeptModels } from './kept-models.ts';

/** Kept models in the origin's private file system. */
export class PrivateFileModels implements KeptModels {
	async list(): Promise<KeptModel[]> {
		return [];
	}

	async keep(_files: readonly File[], _options?: KeepOptions): Promise<KeptModel> {
		throw new ModelLoadError('Being written.');
	}

	async get(_id: string): Promise<{ entry: KeptModel; files: readonly File[] }> {
		throw new ModelLoadError('Being written.');
	}

	async delete(): Promise<void> {}
}
