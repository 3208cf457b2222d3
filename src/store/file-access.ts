/** The few things a `FolderStore` asks of a file system. Paths are relative and use `/`; text is written as UTF-8. */
export interface FileAccess {
	/** `undefined` if there is no such file. */
	read(path: string): Promise<Uint8Array | undefined>;
	/** The same piece by piece, for files that may be larger than memory. */
	pieces(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;
	/** The bytes from `start` up to `end` of a file that has as many. */
	range(path: string, start: number, end: number): Promise<Uint8Array>;
	/** The new file takes the place of the old whole or not at all; missing folders are made. On the disk when it resolves. */
	write(path: string, text: string): Promise<void>;
	/** On the disk when it resolves. The file may be cut off anywhere if the process is killed meanwhile. */
	append(path: string, text: string): Promise<void>;
	/** Keeps the first `length` bytes. */
	truncate(path: string, length: number): Promise<void>;
	/** Names of what lies directly in a folder; none if there is no such folder. */
	list(folder: string): Promise<string[]>;
	/** A file, or a folder with all that is in it. Does nothing if there is none. */
	remove(path: string): Promise<void>;
}
