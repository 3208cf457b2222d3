import type { BlobSink, ScratchFile, SinkFile, WrittenFile } from './sink.ts';

/** Bytes that are joined to one part of a blob: many small parts are slow, and a blob's parts need not stay in memory. */
const partSize = 2 ** 22;

/** Keeps the files in memory, or wherever the browser puts its blobs. */
export class MemorySink implements BlobSink {
	readonly files: WrittenFile[] = [];

	async open(name: string, mediaType: string): Promise<SinkFile> {
		const parts: Blob[] = [];
		let waiting: Uint8Array<ArrayBuffer>[] = [];
		let size = 0;
		const join = () => {
			parts.push(new Blob(waiting));
			waiting = [];
			size = 0;
		};
		return {
			write: async (bytes) => {
				waiting.push(Uint8Array.from(bytes));
				size += bytes.length;
				if (size >= partSize) join();
			},
			close: async () => {
				join();
				this.files.push({ name, mediaType, content: new Blob(parts, { type: mediaType }) });
			},
			abort: async () => undefined
		};
	}
}

/** For runs of which all rows fit into memory. */
export class MemoryScratch implements ScratchFile {
	readonly #pieces = new Map<number, Uint8Array>();
	#size = 0;

	async append(bytes: Uint8Array): Promise<number> {
		const at = this.#size;
		this.#pieces.set(at, Uint8Array.from(bytes));
		this.#size += bytes.length;
		return at;
	}

	async read(at: number, length: number): Promise<Uint8Array> {
		const piece = this.#pieces.get(at);
		if (piece?.length !== length) throw new RangeError(`nothing of ${length} bytes was put at ${at}`);
		return piece;
	}

	async dispose(): Promise<void> {
		this.#pieces.clear();
	}
}
