import { MemoryFiles as Files } from '../../src/store/memory-store.ts';

/** A file system in memory that can be looked into, damaged, and made to fail. */
export class MemoryFiles extends Files {
	/** Called before each append; may throw what it fails with. */
	beforeAppend: (path: string, text: string) => void = () => undefined;

	override async append(path: string, text: string): Promise<void> {
		this.beforeAppend(path, text);
		await super.append(path, text);
	}
}
