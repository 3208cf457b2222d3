import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file whole or not at all; its folder is made. */
export async function writeWhole(file: string, text: string): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	await writeFile(`${file}.partial`, text);
	await rename(`${file}.partial`, file);
}
