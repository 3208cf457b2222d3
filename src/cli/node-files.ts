import { mkdir, open, readFile, readdir, rm, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileAccess } from '../store/file-access.ts';
import { naming } from './disk-error.ts';
import { writeWhole } from './write-whole.ts';

/** The store says what to do when a disk is full. */
const noAdvice = '';

/** The files below a folder of this machine; the folder is made when the first file is written. */
export class NodeFiles implements FileAccess {
	readonly #root: string;

	constructor(root: string) {
		this.#root = root;
	}

	async read(path: string): Promise<Uint8Array | undefined> {
		return unlessMissing(readFile(this.#at(path)), undefined);
	}

	async pieces(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
		const file = await unlessMissing(open(this.#at(path), 'r'), undefined);
		return file?.createReadStream({ highWaterMark: 2 ** 20 }) as AsyncIterable<Uint8Array> | undefined;
	}

	async range(path: string, start: number, end: number): Promise<Uint8Array> {
		const file = await open(this.#at(path), 'r');
		try {
			const { buffer, bytesRead } = await file.read(new Uint8Array(end - start), 0, end - start, start);
			if (bytesRead < end - start) throw new Error(`${this.#at(path)} is shorter than it was`);
			return buffer;
		} finally {
			await file.close();
		}
	}

	async write(path: string, text: string): Promise<void> {
		await writeWhole([{ path: this.#at(path), content: text }], noAdvice);
	}

	async append(path: string, text: string): Promise<void> {
		const target = this.#at(path);
		await naming(
			target,
			async () => {
				await mkdir(dirname(target), { recursive: true });
				const file = await open(target, 'a');
				try {
					await file.writeFile(text);
					await file.datasync();
				} finally {
					await file.close();
				}
			},
			noAdvice
		);
	}

	async truncate(path: string, length: number): Promise<void> {
		const target = this.#at(path);
		await naming(target, () => truncate(target, length), noAdvice);
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

async function unlessMissing<Result, Otherwise>(
	work: Promise<Result>,
	otherwise: Otherwise
): Promise<Result | Otherwise> {
	try {
		return await work;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		// A file where a folder was looked for holds nothing, too.
		if (code === 'ENOENT' || code === 'ENOTDIR') return otherwise;
		throw error;
	}
}
