import { readZip } from '../../src/store/zip.ts';

/** All files of an archive as texts, by path. */
export async function unzipped(archive: Blob): Promise<Map<string, string>> {
	const texts = new Map<string, string>();
	for (const { name, read } of await readZip(archive)) texts.set(name, await (await read()).text());
	return texts;
}
