/** Where a dataset goes: a folder, an archive, memory. Files come one after the other. */
export interface DatasetSink {
	/** @param path with `/` between folders */
	open(path: string, mediaType: string): Promise<SinkFile>;
}

/** Takes bytes in order. What is not closed is not a file. */
export interface SinkFile {
	write(bytes: Uint8Array): Promise<void>;
	close(): Promise<void>;
	/** Lets go of a file that will not be finished. */
	abort(): Promise<void>;
}

/** A file for the time being, to be read anywhere: rows wait there until their order is known. */
export interface ScratchFile {
	/** Adds to the end; returns where it begins. */
	append(bytes: Uint8Array): Promise<number>;
	read(at: number, length: number): Promise<Uint8Array>;
	/** Removes it. */
	dispose(): Promise<void>;
}

/** A file that is written. */
export interface WrittenFile {
	readonly name: string;
	readonly mediaType: string;
	readonly content: Blob;
}

/** A sink that gives back what was written. */
export interface BlobSink extends DatasetSink {
	/** In the order in which they were closed. */
	readonly files: readonly WrittenFile[];
}
