import type { FileAccess } from '../../src/store/file-access.ts';

/** A file system in memory that can be looked into, damaged, and made to fail. */
export class MemoryFiles implements FileAccess {
	readonly files = new Map<string, string>();
	/** Called before each append; may throw what it fails with. */
	beforeAppend: (path: string, text: string) => void = () => undefined;

	async read(path: string): Promise<Uint8Array | undefined> {
		const text = this.files.get(path);
		return text === undefined ? undefined : new TextEncoder().encode(text);
	}

	async write(path: string, text: string): Promise<void> {
		this.files.set(path, text);
	}

	async truncate(path: string, length: number): Promise<void> {
		const bytes = (await this.read(path))!.subarray(0, length);
		this.files.set(path, new TextDecoder().decode(bytes));
	}

	async append(path: string, text: string): Promise<void> {
		this.beforeAppend(path, text);
		this.files.set(path, (this.files.get(path) ?? '') + text);
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
