import { ModelLoadError } from '../../src/models/language-model.ts';
import type { KeepOptions, KeptModel, KeptModels } from '../../src/models/wllama/kept-models.ts';

export function keptModel(id: string, change: Partial<KeptModel> = {}): KeptModel {
	return {
		id,
		kind: 'model',
		name: `Model ${id}`,
		files: [`${id}.gguf`],
		bytes: 500_000_000,
		architecture: 'llama',
		quantisation: 'Q4_K_M',
		contextTokens: 2048,
		hasTemplate: true,
		keptAt: '2026-01-01T00:00:00.000Z',
		...change
	};
}

/** Files in memory. A file's name says what becomes of it: `bad…` is refused, `slow…` waits until it is aborted. */
export class FakeKeptModels implements KeptModels {
	readonly #models: KeptModel[];

	constructor(models: readonly KeptModel[] = []) {
		this.#models = [...models];
	}

	async list(): Promise<KeptModel[]> {
		return [...this.#models];
	}

	async keep(files: readonly File[], { signal, onProgress }: KeepOptions = {}): Promise<KeptModel> {
		const { name } = files[0]!;
		if (name.startsWith('bad')) throw new ModelLoadError(`${name} is no GGUF file. Choose another.`);
		onProgress?.(0.5);
		if (name.startsWith('slow'))
			await new Promise((_, reject) =>
				signal!.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
			);
		const model = keptModel(name, { name, files: files.map((file) => file.name) });
		this.#models.unshift(model);
		return model;
	}

	async get(id: string) {
		const entry = this.#models.find((model) => model.id === id);
		if (!entry) throw new ModelLoadError(`${id} is not here.`);
		return { entry, files: [] };
	}

	async delete(id: string): Promise<void> {
		const index = this.#models.findIndex((model) => model.id === id);
		if (index >= 0) this.#models.splice(index, 1);
	}
}
