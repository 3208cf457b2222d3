import type { ScratchFile } from '../dataset/sink.ts';
import { StoreError } from './run-store.ts';

/** The part of the File System API that only workers have; TypeScript's types for the page do not know it. */
interface AccessHandle {
	write(bytes: Uint8Array, options: { at: number }): number;
	read(bytes: Uint8Array, options: { at: number }): number;
	truncate(size: number): void;
	close(): void;
}

const folderName = 'scratch';

/** A scratch file in the origin's private file system. For workers. */
export class PrivateScratch implements ScratchFile {
	readonly #folder: FileSystemDirectoryHandle;
	readonly #name: string;
	readonly #handle: AccessHandle;
	#size = 0;

	private constructor(folder: FileSystemDirectoryHandle, name: string, handle: AccessHandle) {
		this.#folder = folder;
		this.#name = name;
		this.#handle = handle;
	}

	static async create(): Promise<PrivateScratch> {
		const root = await navigator.storage.getDirectory();
		const folder = await root.getDirectoryHandle(folderName, { create: true });
		await removeForsaken(folder);
		const name = crypto.randomUUID();
		const file = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & {
			createSyncAccessHandle(): Promise<AccessHandle>;
		};
		return new PrivateScratch(folder, name, await file.createSyncAccessHandle());
	}

	async append(bytes: Uint8Array): Promise<number> {
		const at = this.#size;
		let written = 0;
		try {
			written = this.#handle.write(bytes, { at });
		} catch (error) {
			if (!(error instanceof Error) || error.name !== 'QuotaExceededError') throw error;
		}
		if (written < bytes.length)
			throw new StoreError(
				'There is no room left in the browser for the rows of a dataset. Delete old runs or models, or make room on the disk.'
			);
		this.#size += bytes.length;
		return at;
	}

	async read(at: number, length: number): Promise<Uint8Array> {
		const bytes = new Uint8Array(length);
		if (this.#handle.read(bytes, { at }) < length) throw new Error('A scratch file is shorter than it was.');
		return bytes;
	}

	async dispose(): Promise<void> {
		this.#handle.close();
		await this.#folder.removeEntry(this.#name);
	}
}

/** Files of workers that are gone; one that is in use cannot be removed. */
async function removeForsaken(folder: FileSystemDirectoryHandle): Promise<void> {
	const names = (folder as unknown as { keys(): AsyncIterable<string> }).keys();
	for await (const name of names) await folder.removeEntry(name).catch(() => undefined);
}
