import type { BlobSink, DatasetSink, SinkFile } from '../dataset/sink.ts';
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

type Write<Result> = (sink: DatasetSink) => Promise<Result>;

/** Writes into a folder, or into a file that becomes a ZIP archive; one that is not finished is not there. */
export async function intoHandle<Result>(target: FileSystemHandle, write: Write<Result>): Promise<Result> {
	if (target.kind === 'directory')
		return naming(() => write(new DirectorySink(target as FileSystemDirectoryHandle)));
	const stream = await (target as FileSystemFileHandle).createWritable();
	return intoArchive(
		{
			write: (bytes) => stream.write(bytes as Uint8Array<ArrayBuffer>),
			close: () => stream.close(),
			abort: () => stream.abort()
		},
		write
	);
}

/** Writes a ZIP archive where the user has picked no file for it. @param files takes it */
export async function intoBlob<Result>(
	files: BlobSink,
	write: Write<Result>
): Promise<{ readonly result: Result; readonly archive: Blob }> {
	const result = await intoArchive(await files.open('archive.zip', 'application/zip'), write);
	return { result, archive: files.files[0]!.content };
}

async function intoArchive<Result>(file: SinkFile, write: Write<Result>): Promise<Result> {
	try {
		const archive = new ArchiveSink(file);
		return await naming(async () => {
			const result = await write(archive);
			await archive.finish();
			await file.close();
			return result;
		});
	} catch (error) {
		await file.abort().catch(() => undefined);
		throw error;
	}
}
