import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pageFolder } from '../../../scripts/page-build.ts';
import { temporaryFolder } from './temporary.ts';

/** A copy of the built page in which one file is other than it should be; the copy goes when the test ends. */
export async function pageVariant(
	file: string,
	change: (content: Buffer) => Buffer | string
): Promise<string> {
	const folder = join(await temporaryFolder(), 'page');
	await cp(pageFolder, folder, { recursive: true });
	const path = join(folder, file);
	await writeFile(path, change(await readFile(path)));
	return folder;
}

/** A file whose end is missing, as after a download that was cut off. */
export const half = (content: Buffer): Buffer => content.subarray(0, content.length / 2);
