import { mkdir, open, readdir, rename, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DatasetSink, ScratchFile, SinkFile } from '../dataset/sink.ts';
import { naming } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';

/** In a dataset's folder while it is written. */
export const unfinishedFolder = '.partial';

/**
 * Writes a dataset into a new or empty folder, which holds all of it in the end or nothing.
 * @throws {Error} that names the folder if the disk is full
 */
export async function intoFolder<Result>(
	root: string,
	write: (sink: DatasetSink) => Promise<Result>
): Promise<Result> {
	const unfinished = join(root, unfinishedFolder);
	const moved: string[] = [];
	let made: string | undefined;
	try {
		made = await naming(root, () => makeFolder(root));
		await rm(unfinished, { recursive: true, force: true });
		const result = await write(new NodeSink(unfinished, root));
		await naming(root, async () => {
			for (const name of await readdir(unfinished)) {
				await rename(join(unfinished, name), join(root, name));
				moved.push(name);
			}
			await rmdir(unfinished);
		});
		return result;
	} catch (error) {
		for (const name of [unfinishedFolder, ...moved]) await remove(join(root, name));
		if (made !== undefined) await remove(made);
		throw error;
	}
}

/**
 * Writes files that take their places in a folder together, when all of them are on the disk. If one cannot be written, all stay as they were.
 * @throws {Error} that names the folder if the disk is full
 */
export async function intoPlaces<Result>(
	root: string,
	write: (sink: DatasetSink) => Promise<Result>
): Promise<Result> {
	const unfinished = join(root, unfinishedFolder);
	try {
		await rm(unfinished, { recursive: true, force: true });
		const result = await write(new NodeSink(unfinished, root));
		await naming(root, async () => {
			for (const name of await readdir(unfinished)) await rename(join(unfinished, name), join(root, name));
		});
		return result;
	} finally {
		await remove(unfinished);
	}
}

function remove(path: string): Promise<void> {
	return rm(path, { recursive: true, force: true }).catch(() => undefined);
}

/** Writes below a folder of this machine. */
class NodeSink implements DatasetSink {
	readonly #root: string;
	readonly #name: string;

	/** @param name how messages call the folder */
	constructor(root: string, name: string) {
		this.#root = root;
		this.#name = name;
	}

	async open(path: string): Promise<SinkFile> {
		const target = join(this.#root, path);
		const named = <Result>(work: () => Promise<Result>) => naming(this.#name, work);
		const file = await named(async () => {
			await mkdir(dirname(target), { recursive: true });
			return open(target, 'w');
		});
		return {
			write: (bytes) => named(() => file.writeFile(bytes)),
			close: () => named(() => file.sync().finally(() => file.close())),
			abort: () => file.close()
		};
	}
}

/** A scratch file in the system's folder for such. */
export class NodeScratch implements ScratchFile {
	readonly #file: FileHandle;
	readonly #path: string;
	#size = 0;

	private constructor(file: FileHandle, path: string) {
		this.#file = file;
		this.#path = path;
	}

	static async create(): Promise<NodeScratch> {
		const path = join(tmpdir(), `joshtree-${crypto.randomUUID()}`);
		return new NodeScratch(await scratching(() => open(path, 'wx+')), path);
	}

	async append(bytes: Uint8Array): Promise<number> {
		const at = this.#size;
		// Unlike `write`, it goes on until all is written.
		await scratching(() => this.#file.writeFile(bytes));
		this.#size += bytes.length;
		return at;
	}

	async read(at: number, length: number): Promise<Uint8Array> {
		const { buffer, bytesRead } = await this.#file.read(new Uint8Array(length), 0, length, at);
		if (bytesRead < length) throw new Error(`${this.#path} is shorter than it was.`);
		return buffer;
	}

	async dispose(): Promise<void> {
		await this.#file.close();
		await rm(this.#path, { force: true });
	}
}

function scratching<Result>(work: () => Promise<Result>): Promise<Result> {
	return naming(
		`${tmpdir()}, where rows wait for their order,`,
		work,
		'Free some space there, or set TMPDIR to a folder that has some, and run the same command again.'
	);
}
