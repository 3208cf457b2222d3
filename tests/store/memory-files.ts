import type { FileAccess } from '../../src/store/file-access.ts';

/** A file system in memory that can be looked into, damaged, and made to fail. */
export class MemoryFiles implements FileAccess {
	readonly files = new Map<string, string>();
	/** Called before each append; may throw what it fails with. */
	beforeAppend: (path: string, text: string) => void = () => undefined;

	async read(path: string): Promise<string | undefined> {
		return this.files.get(path);
	}

	async write(path: string, text: string): Promise<void> {
		this.files.set(path, text);
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
