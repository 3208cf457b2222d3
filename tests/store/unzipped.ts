import { decoded, joined } from '../../src/base/bytes.ts';
import { readZip } from '../../src/store/zip.ts';

/** All files of an archive as texts, by path. */
export async function unzipped(archive: Blob): Promise<Map<string, string>> {
	const texts = new Map<string, string>();
	for (const { name, read } of await readZip(archive)) {
		const pieces: Uint8Array[] = [];
		for await (const piece of read()) pieces.push(piece);
		texts.set(name, decoded(joined(pieces))!);
	}
	return texts;
}
