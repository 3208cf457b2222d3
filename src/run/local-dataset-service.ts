import type { TargetModel } from '../dataset/check/check.ts';
import type { CheckReport } from '../dataset/check/self-check.ts';
import type { DatasetProgress } from '../dataset/dataset.ts';
import type { BlobSink, DatasetSink } from '../dataset/sink.ts';
import { intoBlob, intoHandle } from '../store/handle-sink.ts';
import { StoreError } from '../store/run-store.ts';
import type {
	DatasetChoices,
	DatasetOutcome,
	DatasetService,
	HarvestSummary,
	PlainExport
} from './dataset-service.ts';
import {
	exportPlain,
	exportPlainTo,
	exportRun,
	folderPreset,
	targetOf,
	type ExportPreset,
	type ExportTarget,
	type StoredRun
} from './export-run.ts';

export interface DatasetServiceParts {
	/** @throws {StoreError} if there is no such run, or it cannot be read */
	readonly stored: (id: string) => Promise<StoredRun>;
	/** Where files are written that the user gets as blobs. */
	readonly files: () => Promise<BlobSink>;
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
		return exportPlain(await this.#parts.stored(id), await this.#parts.files());
	}

	async exportArchive(id: string): Promise<{ readonly archive: Blob; readonly summary: HarvestSummary }> {
		const run = await this.#parts.stored(id);
		const { result, archive } = await intoBlob(await this.#parts.files(), (sink) =>
			exportPlainTo(run, { sink })
		);
		return { archive, summary: result };
	}

	async checkDataset(
		id: string,
		choices: DatasetChoices,
		onProgress?: (progress: DatasetProgress) => void,
		signal?: AbortSignal
	): Promise<DatasetOutcome> {
		const { run, preset } = await this.#prepared(id, choices);
		return exportRun(run, preset, watching(onProgress, signal));
	}

	async exportDataset(
		id: string,
		choices: DatasetChoices,
		target?: FileSystemHandle,
		onProgress?: (progress: DatasetProgress) => void,
		signal?: AbortSignal
	): Promise<DatasetOutcome> {
		const { run, preset } = await this.#prepared(id, choices);
		const write = (sink: DatasetSink) => exportRun(run, preset, { sink, ...watching(onProgress, signal) });
		if (target) return intoHandle(target, write);
		const { result, archive } = await intoBlob(await this.#parts.files(), write);
		return { ...result, archive };
	}

	async #prepared(
		id: string,
		choices: DatasetChoices
	): Promise<{ readonly run: StoredRun; readonly preset: ExportPreset<CheckReport> }> {
		const run = await this.#parts.stored(id);
		return { run, preset: await folderPreset(choices, () => this.#embedded()) };
	}

	async #embedded(): Promise<TargetModel> {
		const { fetchEmbedded } = this.#parts;
		if (!fetchEmbedded) throw new StoreError('Choose the model that rows are to be checked for.');
		return targetOf({ kind: 'gguf', name: 'embedded', file: await fetchEmbedded() });
	}
}

function watching(
	onProgress?: (progress: DatasetProgress) => void,
	signal?: AbortSignal
): Pick<ExportTarget, 'onProgress' | 'signal'> {
	return { ...(onProgress && { onProgress }), ...(signal && { signal }) };
}
