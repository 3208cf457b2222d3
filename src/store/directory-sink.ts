import type { DatasetSink, SinkFile } from '../dataset/sink.ts';

/** Writes into a folder that the user has picked, or one of the origin's private file system. */
export class DirectorySink implements DatasetSink {
	readonly #root: FileSystemDirectoryHandle;

	constructor(root: FileSystemDirectoryHandle) {
		this.#root = root;
	}

	async open(path: string): Promise<SinkFile> {
		const folders = path.split('/');
		const name = folders.pop()!;
		let folder = this.#root;
		for (const one of folders) folder = await folder.getDirectoryHandle(one, { create: true });
		const file = await folder.getFileHandle(name, { create: true });
		// What is written takes its place when it is closed, as a whole.
		const stream = await file.createWritable();
		return {
			write: (bytes) => stream.write(bytes as Uint8Array<ArrayBuffer>),
			close: () => stream.close(),
			abort: () => stream.abort()
		};
	}
}
