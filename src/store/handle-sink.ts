import type { DatasetSink } from '../harvest/sink.ts';
import { ArchiveSink } from './archive-sink.ts';
import { DirectorySink } from './directory-sink.ts';
import { StoreError } from './run-store.ts';

/** Browsers say no more than that a quota was exceeded. */
async function naming<Result>(work: () => Promise<Result>): Promise<Result> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof Error) || error.name !== 'QuotaExceededError') throw error;
		throw new StoreError(
			'There is no room left where the dataset was to be written; nothing of it is left there. Make some, or choose another place.',
			{ cause: error }
		);
	}
}

/** Writes into a folder, or into a file that becomes a ZIP archive; one that is not finished is not there. */
export async function intoHandle<Result>(
	target: FileSystemHandle,
	write: (sink: DatasetSink) => Promise<Result>
): Promise<Result> {
	if (target.kind === 'directory')
		return naming(() => write(new DirectorySink(target as FileSystemDirectoryHandle)));
	const stream = await (target as FileSystemFileHandle).createWritable();
	try {
		const archive = new ArchiveSink({ write: (bytes) => stream.write(bytes as Uint8Array<ArrayBuffer>) });
		return await naming(async () => {
			const result = await write(archive);
			await archive.finish();
			await stream.close();
			return result;
		});
	} catch (error) {
		await stream.abort().catch(() => undefined);
		throw error;
	}
}
