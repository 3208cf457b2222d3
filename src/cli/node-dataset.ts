import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DatasetSink, ScratchFile, SinkFile } from '../harvest/sink.ts';

/** Writes below a folder of this machine; each file takes its place whole or not at all. */
export class NodeSink implements DatasetSink {
	readonly #root: string;

	constructor(root: string) {
		this.#root = root;
	}

	async open(path: string): Promise<SinkFile> {
		const target = join(this.#root, path);
		const partial = `${target}.partial`;
		await mkdir(dirname(target), { recursive: true });
		const file = await open(partial, 'w');
		return {
			write: async (bytes) => void (await file.writeFile(bytes)),
			close: async () => {
				await file.sync();
				await file.close();
				await rename(partial, target);
			},
			abort: async () => {
				await file.close();
				await rm(partial, { force: true });
			}
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
		return new NodeScratch(await open(path, 'wx+'), path);
	}

	async append(bytes: Uint8Array): Promise<number> {
		const at = this.#size;
		await this.#file.write(bytes, 0, bytes.length, at);
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
