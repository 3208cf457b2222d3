import type { FileAccess } from './file-access.ts';
import { FolderStore } from './folder-store.ts';

/** A file system in memory. */
export class MemoryFiles implements FileAccess {
	readonly files = new Map<string, string>();
	/** What was read last, often asked for again. */
	#read: { readonly text: string; readonly bytes: Uint8Array } | undefined;

	async read(path: string): Promise<Uint8Array | undefined> {
		const text = this.files.get(path);
		if (text === undefined) return undefined;
		if (this.#read?.text !== text) this.#read = { text, bytes: new TextEncoder().encode(text) };
		return this.#read.bytes;
	}

	async pieces(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
		const bytes = await this.read(path);
		return (
			bytes &&
			(async function* () {
				yield bytes;
			})()
		);
	}

	async range(path: string, start: number, end: number): Promise<Uint8Array> {
		return (await this.read(path))!.subarray(start, end);
	}

	async write(path: string, text: string): Promise<void> {
		this.files.set(path, text);
	}

	async append(path: string, text: string): Promise<void> {
		this.files.set(path, (this.files.get(path) ?? '') + text);
	}

	async truncate(path: string, length: number): Promise<void> {
		const bytes = (await this.read(path))!.subarray(0, length);
		this.files.set(path, new TextDecoder().decode(bytes));
	}

	async list(folder: string): Promise<string[]> {
		const inside = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
		return [...new Set(inside.map((path) => path.slice(folder.length + 1).split('/')[0]!))];
	}

	async remove(path: string): Promise<void> {
		for (const one of [...this.files.keys()]) {
			if (one === path || one.startsWith(`${path}/`)) this.files.delete(one);
		}
	}
}

/** Runs in memory, where there is nothing that keeps them. They end with it. */
export class MemoryStore extends FolderStore {
	readonly problem: string;

	/** @param problem why nothing keeps them, and what to do */
	constructor(problem: string) {
		super(new MemoryFiles());
		this.problem = problem;
	}
}
