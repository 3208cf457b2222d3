import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256 } from '../../src/base/hash.ts';
import { canonicalJson } from '../../src/base/json.ts';

/** What a file is made from: other files by their content, and settings by their text. */
export interface Ingredients {
	readonly files: readonly string[];
	readonly settings: readonly string[];
}

/**
 * Makes a file unless it is there already, made from the same things. Beside it lies `FILE.made`, a hash of these, which is written
 * last: a file that was cut off is made again.
 *
 * @returns false if it was there
 */
export async function makeFile(
	file: string,
	{ files, settings }: Ingredients,
	make: () => Promise<void>
): Promise<boolean> {
	const contents = await Promise.all(files.map(async (name) => sha256(await readFile(name))));
	const hash = await sha256(canonicalJson([contents, [...settings]]));
	const mark = `${file}.made`;
	if (existsSync(file) && (await readFile(mark, 'utf8').catch(() => '')) === hash) return false;
	await rm(mark, { force: true });
	await mkdir(dirname(file), { recursive: true });
	await make();
	await writeFile(mark, hash);
	return true;
}
