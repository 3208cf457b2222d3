import { Zip, ZipDeflate } from 'fflate';
import { runFolder } from '../dataset/folder.ts';
import type { DatasetSink, SinkFile } from '../dataset/sink.ts';
import { largestEntry } from './zip.ts';

/** Where the bytes of one file go in order, e.g. a `FileSystemWritableFileStream`. */
export interface ByteWriter {
	write(bytes: Uint8Array): Promise<void>;
}

/** The classic ZIP format counts bytes in 32 bits, and fflate writes no other. */
const largest = 2 ** 32 - 1;

/** Archives of equal files are equal; ZIP knows no time before this. */
const modified = new Date(1980, 0, 1);

/** Writes files into one ZIP archive, piece by piece. `finish` ends the archive. */
export class ArchiveSink implements DatasetSink {
	readonly #writer: ByteWriter;
	readonly #zip: Zip;
	#chunks: Uint8Array[] = [];
	#size = 0;
	#error: Error | undefined;

	constructor(writer: ByteWriter) {
		this.#writer = writer;
		this.#zip = new Zip((error, chunk) => {
			if (error) this.#error ??= error;
			else this.#chunks.push(chunk);
		});
	}

	async open(path: string): Promise<SinkFile> {
		// Rows of a dataset repeat themselves so much that the lowest level finds nearly all there is.
		const entry = new ZipDeflate(path, { level: 1 });
		entry.mtime = modified;
		this.#zip.add(entry);
		// What is read again must not be larger than what is read.
		const limit = isOfRun(path) ? largestEntry : largest;
		let size = 0;
		return {
			write: async (bytes) => {
				if ((size += bytes.length) > limit) throw tooLarge(path, limit);
				await this.#pass(() => entry.push(bytes));
			},
			close: () => this.#pass(() => entry.push(new Uint8Array(0), true)),
			abort: async () => this.#zip.terminate()
		};
	}

	async finish(): Promise<void> {
		await this.#pass(() => this.#zip.end());
	}

	async #pass(work: () => void): Promise<void> {
		work();
		if (this.#error) throw this.#error;
		const chunks = this.#chunks;
		this.#chunks = [];
		for (const chunk of chunks) {
			this.#size += chunk.length;
			if (this.#size > largest) throw tooLarge('The archive', largest);
			await this.#writer.write(chunk);
		}
	}
}

function isOfRun(path: string): boolean {
	return (Object.values(runFolder) as string[]).includes(path);
}

function tooLarge(what: string, limit: number): RangeError {
	return new RangeError(
		`${what} would be larger than ${Math.round(limit / 2 ** 30)} GiB, which an archive cannot hold. Choose a folder.`
	);
}
