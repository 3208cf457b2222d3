import type { DatasetSink } from '../harvest/sink.ts';
import { ArchiveSink } from './archive-sink.ts';
import { DirectorySink } from './directory-sink.ts';

/** Writes into a folder, or into a file that becomes a ZIP archive; one that is not finished is not there. */
export async function intoHandle<Result>(
	target: FileSystemHandle,
	write: (sink: DatasetSink) => Promise<Result>
): Promise<Result> {
	if (target.kind === 'directory') return write(new DirectorySink(target as FileSystemDirectoryHandle));
	const stream = await (target as FileSystemFileHandle).createWritable();
	try {
		const archive = new ArchiveSink({ write: (bytes) => stream.write(bytes as Uint8Array<ArrayBuffer>) });
		const result = await write(archive);
		await archive.finish();
		await stream.close();
		return result;
	} catch (error) {
		await stream.abort().catch(() => undefined);
		throw error;
	}
}
