import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../../scripts/flags.ts';
import { FolderStore } from '../store/folder-store.ts';
import type { RunRecord } from '../store/run-store.ts';
import { lockFile, lockFolder } from './folder-lock.ts';
import { NodeFiles } from './node-files.ts';

/** A folder of one run, held by this process. */
export interface RunFolder {
	readonly path: string;
	readonly store: FolderStore;
	/** Absent if the folder is new or empty. */
	readonly record?: RunRecord;
}

/** @throws {UsageError} if it cannot be written, is in use, or holds something other than a run */
export async function openRunFolder(path: string): Promise<RunFolder> {
	try {
		await makeFolder(path);
		lockFolder(path);
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError(
			`--out ${path} cannot be written (${error instanceof Error ? error.message : String(error)}). Choose another folder.`
		);
	}
	const store = new FolderStore(new NodeFiles(path));
	const records = await store.list();
	if (records.length > 1) throw new UsageError(`${path} holds ${records.length} runs. Choose another --out.`);
	if (records.length === 0 && (await readdir(path)).some((name) => name !== lockFile)) {
		throw new UsageError(`${path} is not empty and holds no run. Nothing was changed; choose another --out.`);
	}
	const [record] = records;
	return { path, store, ...(record && { record }) };
}

export interface DownloadedFile {
	readonly name: string;
	/** In order; together the file. */
	readonly chunks: AsyncIterable<Uint8Array>;
}

/** Each file takes its place in the folder whole or not at all. */
export async function writeFiles(folder: string, files: readonly DownloadedFile[]): Promise<void> {
	for (const { name, chunks } of files) {
		const partial = join(folder, `${name}.partial`);
		try {
			const file = await open(partial, 'w');
			try {
				for await (const chunk of chunks) await file.writeFile(chunk);
				await file.sync();
			} finally {
				await file.close();
			}
			await rename(partial, join(folder, name));
		} finally {
			await rm(partial, { force: true });
		}
	}
}

/** Node's own recursive `mkdir` never returns for some folders that cannot be made, such as those of /proc. */
async function makeFolder(path: string): Promise<void> {
	try {
		await mkdir(path);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EEXIST') return;
		if (code !== 'ENOENT' || dirname(path) === path) throw error;
		await makeFolder(dirname(path));
		await mkdir(path);
	}
}
