import { piecesOf } from '../base/bytes.ts';
import { openArchive, readRunFiles, type RunFiles } from '../store/run-files.ts';

/**
 * The run in what a file picker gave: one archive, or all files of a dataset folder.
 * @throws {StoreError} that says what is missing or damaged
 */
export async function readChosenRun(files: readonly File[]): Promise<RunFiles> {
	const [first] = files;
	if (first && files.length === 1 && first.webkitRelativePath === '') return readArchive(first);
	// The first part of the path is the folder that was picked.
	const byPath = new Map(
		files.map((file) => [file.webkitRelativePath.slice(file.webkitRelativePath.indexOf('/') + 1), file])
	);
	return readRunFiles(async (path) => pieces(byPath.get(path)));
}

/**
 * The run in what was dropped: an archive or a dataset folder. To be called while the drop is handled.
 * @throws {StoreError} that says what is missing or damaged
 */
export function readDroppedRun(dropped: DataTransfer): Promise<RunFiles> {
	const folder = [...dropped.items]
		.map((item) => item.webkitGetAsEntry())
		.find((entry) => entry?.isDirectory);
	if (folder)
		return readRunFiles(async (path) => pieces(await fileIn(folder as FileSystemDirectoryEntry, path)));
	return readChosenRun([...dropped.files]);
}

async function readArchive(archive: Blob): Promise<RunFiles> {
	return readRunFiles(await openArchive(archive));
}

async function fileIn(folder: FileSystemDirectoryEntry, path: string): Promise<File | undefined> {
	const entry = await new Promise<FileSystemEntry | undefined>((resolve) =>
		folder.getFile(path, {}, resolve, () => resolve(undefined))
	);
	if (!entry) return undefined;
	return new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
}

function pieces(file: File | undefined): AsyncIterable<Uint8Array> | undefined {
	return file && piecesOf(file);
}
