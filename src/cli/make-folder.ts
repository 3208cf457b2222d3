import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Node's own recursive `mkdir` never returns for some folders that cannot be made, such as those of
 * /proc.
 * @returns the topmost that was not there before, if any
 */
export async function makeFolder(path: string): Promise<string | undefined> {
	try {
		await mkdir(path);
		return path;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'EEXIST') return undefined;
		if (code !== 'ENOENT' || dirname(path) === path) throw error;
		const above = await makeFolder(dirname(path));
		await mkdir(path);
		return above ?? path;
	}
}
