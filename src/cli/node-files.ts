import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileAccess } from '../store/file-access.ts';

/** The files below a folder of this machine; the folder is made when the first file is written. */
export class NodeFiles implements FileAccess {
	readonly #root: string;

	constructor(root: string) {
		this.#root = root;
	}

	async read(path: string): Promise<string | undefined> {
		return unlessMissing(readFile(this.#at(path), 'utf8'), undefined);
	}

	async write(path: string, text: string): Promise<void> {
		const target = this.#at(path);
		const partial = `${target}.partial`;
		await mkdir(dirname(target), { recursive: true });
		await writeAndSync(partial, 'w', text);
		await rename(partial, target);
	}

	async append(path: string, text: string): Promise<void> {
		await mkdir(dirname(this.#at(path)), { recursive: true });
		await writeAndSync(this.#at(path), 'a', text);
	}

	async list(folder: string): Promise<string[]> {
		return unlessMissing(readdir(this.#at(folder)), []);
	}

	async remove(path: string): Promise<void> {
		await rm(this.#at(path), { recursive: true, force: true });
	}

	#at(path: string): string {
		return join(this.#root, path);
	}
}

async function writeAndSync(path: string, flags: 'w' | 'a', text: string): Promise<void> {
	const file = await open(path, flags);
	try {
		await file.writeFile(text);
		await file.datasync();
	} finally {
		await file.close();
	}
}

async function unlessMissing<Result, Otherwise>(
	work: Promise<Result>,
	otherwise: Otherwise
): Promise<Result | Otherwise> {
	try {
		return await work;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
		throw error;
	}
}
