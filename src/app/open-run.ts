import { runFolder } from '../harvest/folder.ts';
import { readRunFiles, unzipTexts, type RunFiles } from '../store/run-files.ts';

const needed = [runFolder.record, runFolder.pack, runFolder.events];

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
	return readRunFiles((path) => byPath.get(path)?.text());
}

/**
 * The run in what was dropped: an archive or a dataset folder. To be called while the drop is handled.
 * @throws {StoreError} that says what is missing or damaged
 */
export function readDroppedRun(dropped: DataTransfer): Promise<RunFiles> {
	const folder = [...dropped.items]
		.map((item) => item.webkitGetAsEntry())
		.find((entry) => entry?.isDirectory);
	if (folder) return readRunFiles((path) => textIn(folder as FileSystemDirectoryEntry, path));
	return readChosenRun([...dropped.files]);
}

async function readArchive(archive: Blob): Promise<RunFiles> {
	const texts = await unzipTexts(archive, needed);
	return readRunFiles((path) => texts.get(path));
}

async function textIn(folder: FileSystemDirectoryEntry, path: string): Promise<string | undefined> {
	const entry = await new Promise<FileSystemEntry | undefined>((resolve) =>
		folder.getFile(path, {}, resolve, () => resolve(undefined))
	);
	if (!entry) return undefined;
	const file = await new Promise<File>((resolve, reject) =>
		(entry as FileSystemFileEntry).file(resolve, reject)
	);
	return file.text();
}
