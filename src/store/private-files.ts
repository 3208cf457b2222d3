import type { BlobSink, SinkFile, WrittenFile } from '../dataset/sink.ts';
import { DirectorySink } from './directory-sink.ts';

const folderName = 'exports';

/** Milliseconds after which files are taken for saved or forgotten. */
const kept = 30 * 60_000;

/**
 * Files in the origin's private file system until the user has saved them: they may be larger than memory. They are removed when others are
 * written half an hour later or more.
 */
export class PrivateFiles implements BlobSink {
	readonly files: WrittenFile[] = [];
	readonly #folder: FileSystemDirectoryHandle;
	readonly #sink: DirectorySink;

	private constructor(folder: FileSystemDirectoryHandle) {
		this.#folder = folder;
		this.#sink = new DirectorySink(folder);
	}

	static async create(now = Date.now()): Promise<PrivateFiles> {
		const root = await navigator.storage.getDirectory();
		const all = await root.getDirectoryHandle(folderName, { create: true });
		await removeOld(all, now - kept);
		return new PrivateFiles(await all.getDirectoryHandle(`${now} ${crypto.randomUUID()}`, { create: true }));
	}

	async open(name: string, mediaType: string): Promise<SinkFile> {
		const file = await this.#sink.open(name);
		return {
			write: (bytes) => file.write(bytes),
			close: async () => {
				await file.close();
				const written = await (await this.#folder.getFileHandle(name)).getFile();
				this.files.push({ name, mediaType, content: written.slice(0, written.size, mediaType) });
			},
			abort: () => file.abort()
		};
	}
}

/** @param before a time; names begin with the time at which a folder was made */
async function removeOld(all: FileSystemDirectoryHandle, before: number): Promise<void> {
	const names = (all as unknown as { keys(): AsyncIterable<string> }).keys();
	for await (const name of names)
		if (!(Number(name.split(' ')[0]) >= before))
			await all.removeEntry(name, { recursive: true }).catch(() => undefined);
}
