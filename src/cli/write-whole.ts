import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { naming } from './disk-error.ts';

export interface NewFile {
	readonly path: string;
	/** Text, or pieces in order. */
	readonly content: string | AsyncIterable<Uint8Array>;
}

/**
 * Writes files that take their places together, when all of them are on the disk; their folders are made. If one cannot be written,
 * all stay as they were.
 * @param advice as for `naming`
 * @throws {Error} that names the file
 */
export async function writeWhole(files: readonly NewFile[], advice?: string): Promise<void> {
	const partial = ({ path }: NewFile) => `${path}.partial`;
	try {
		for (const file of files)
			await naming(
				file.path,
				async () => {
					await mkdir(dirname(file.path), { recursive: true });
					await write(partial(file), file.content);
				},
				advice
			);
		for (const file of files) await naming(file.path, () => rename(partial(file), file.path), advice);
	} catch (error) {
		for (const file of files) await rm(partial(file), { force: true }).catch(() => undefined);
		throw error;
	}
}

async function write(path: string, content: NewFile['content']): Promise<void> {
	const file = await open(path, 'w');
	try {
		for await (const piece of typeof content === 'string' ? [content] : content) await file.writeFile(piece);
		await file.sync();
	} finally {
		await file.close();
	}
}
