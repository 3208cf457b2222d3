import type { DatasetProgress } from '../dataset/dataset.ts';
import type { DatasetSink } from '../dataset/sink.ts';
import { intoBlob, intoHandle } from '../store/handle-sink.ts';
import { StoreError } from '../store/run-store.ts';
import type { DatasetChoices, DatasetOutcome, DatasetService, PlainExport } from './dataset-service.ts';
import { exportDataset, exportRun, targetOf, type DatasetRun, type StoredRun } from './export-run.ts';

export interface DatasetServiceParts {
	/** @throws {StoreError} if there is no such run, or it cannot be read */
	readonly stored: (id: string) => Promise<StoredRun>;
	/** The file of the model that comes with the app; datasets are checked for it. */
	readonly fetchEmbedded?: () => Promise<Blob>;
}

/** The `DatasetService` of one tab. */
export class LocalDatasetService implements DatasetService {
	readonly #parts: DatasetServiceParts;

	constructor(parts: DatasetServiceParts) {
		this.#parts = parts;
	}

	async export(id: string): Promise<PlainExport> {
		return exportRun(await this.#parts.stored(id));
	}

	async checkDataset(
		id: string,
		choices: DatasetChoices,
		onProgress?: (progress: DatasetProgress) => void,
		signal?: AbortSignal
	): Promise<DatasetOutcome> {
		return exportDataset(await this.#run(id), choices, {
			...(onProgress && { onProgress }),
			...(signal && { signal })
		});
	}

	async exportDataset(
		id: string,
		choices: DatasetChoices,
		target?: FileSystemHandle,
		onProgress?: (progress: DatasetProgress) => void,
		signal?: AbortSignal
	): Promise<DatasetOutcome> {
		const run = await this.#run(id);
		const watch = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
		const write = (sink: DatasetSink) => exportDataset(run, choices, { sink, ...watch });
		if (target) return intoHandle(target, write);
		const { result, archive } = await intoBlob(write);
		return { ...result, archive };
	}

	async #run(id: string): Promise<DatasetRun> {
		const { stored, fetchEmbedded } = this.#parts;
		const embedded = async () => {
			if (!fetchEmbedded) throw new StoreError('Choose the model that rows are to be checked for.');
			return targetOf({ kind: 'gguf', name: 'embedded', file: await fetchEmbedded() });
		};
		return { ...(await stored(id)), embedded };
	}
}
