import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { DatasetSink, SinkFile } from './sink.ts';

/** A file that is there, and how to tell that it is whole. */
export interface WrittenFile {
	readonly path: string;
	readonly bytes: number;
	readonly sha256: string;
}

/** Writes to another sink, and knows what was written. A file's bytes are hashed as they pass: it may be larger than memory. */
export class Ledger implements DatasetSink {
	readonly files: WrittenFile[] = [];
	readonly #sink: DatasetSink;

	constructor(sink: DatasetSink) {
		this.#sink = sink;
	}

	async open(path: string, mediaType: string): Promise<SinkFile> {
		const file = await this.#sink.open(path, mediaType);
		const hash = sha256.create();
		let bytes = 0;
		return {
			write: async (piece) => {
				hash.update(piece);
				bytes += piece.length;
				await file.write(piece);
			},
			close: async () => {
				await file.close();
				this.files.push({ path, bytes, sha256: bytesToHex(hash.digest()) });
			},
			abort: () => file.abort()
		};
	}
}

/** Writes one file from its pieces; one that cannot be finished is let go of. */
export async function writeFile(
	sink: DatasetSink,
	path: string,
	mediaType: string,
	pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
): Promise<void> {
	const file = await sink.open(path, mediaType);
	try {
		for await (const piece of pieces) await file.write(piece);
	} catch (error) {
		await file.abort().catch(() => undefined);
		throw error;
	}
	await file.close();
}

const encoder = new TextEncoder();

export function writeText(sink: DatasetSink, path: string, mediaType: string, text: string): Promise<void> {
	return writeFile(sink, path, mediaType, [encoder.encode(text)]);
}
