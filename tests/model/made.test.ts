import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFile } from '../../model/reproduction/made.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'joshtree-made-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file is made again only when what it is made from has changed', async () => {
	const [source, file] = [join(folder, 'source'), join(folder, 'below', 'file')];
	await writeFile(source, 'one');
	const make = (...settings: string[]) =>
		makeFile(file, { files: [source], settings }, async () =>
			writeFile(file, await readFile(source, 'utf8'))
		);
	expect(await make()).toBe(true);
	expect(await make()).toBe(false);
	expect(await make('other')).toBe(true);
	await writeFile(source, 'two');
	expect(await make('other')).toBe(true);
	expect(await readFile(file, 'utf8')).toBe('two');
	await rm(file);
	expect(await make('other')).toBe(true);
});

test('a file that was cut off is made again', async () => {
	const file = join(folder, 'file');
	const nothing = { files: [], settings: [] };
	const cutOff = makeFile(file, nothing, async () => {
		await writeFile(file, 'ha');
		throw new Error('killed');
	});
	await expect(cutOff).rejects.toThrow('killed');
	expect(await makeFile(file, nothing, () => writeFile(file, 'half'))).toBe(true);
});
