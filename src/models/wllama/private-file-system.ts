import { ModelLoadError } from '../language-model.ts';
import { abortError } from '../../base/abort.ts';

/*
 * The origin's private file system (https://fs.spec.whatwg.org), as far as models are kept in it. A file that is written
 * becomes visible when it is closed, whole.
 */

/** Bytes copied at once: between two pieces an abort is noticed and progress told. */
const copyPiece = 2 ** 24;

export function hasPrivateFiles(): boolean {
	return (
		typeof navigator.storage?.getDirectory === 'function' &&
		typeof FileSystemFileHandle.prototype.createWritable === 'function' &&
		typeof navigator.locks?.request === 'function'
	);
}

/**
 * A folder at the top, made if need be.
 * @throws {ModelLoadError} if the browser has no private file system, or does not let this page use it
 */
export async function privateFolder(name: string): Promise<FileSystemDirectoryHandle> {
	if (!hasPrivateFiles()) {
		throw new ModelLoadError(
			'This browser cannot keep model files: it has no private file system that a page can write to. Use a current Chrome or Edge.'
		);
	}
	try {
		return await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
	} catch (error) {
		throw new ModelLoadError(
			`The browser does not let this page keep files (${error instanceof Error ? error.message : String(error)}). Allow site data for it, or leave the private window.`,
			{ cause: error }
		);
	}
}

export function isFolder(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
	return handle.kind === 'directory';
}

/** The browser did not write a file. */
export class WriteRefused extends Error {
	override readonly name = 'WriteRefused';
}

/** Where there is no room, Chromium says `QuotaExceededError`, but one time in ten `AbortError` or `NotReadableError`. */
function refuse(error: unknown): never {
	throw error instanceof DOMException ? new WriteRefused(error.message, { cause: error }) : error;
}

/**
 * @param onBytes called with the bytes of each piece
 * @throws {WriteRefused} most likely for lack of room
 * @throws an `AbortError` after `signal` aborts
 */
export async function copyFile(
	file: File,
	folder: FileSystemDirectoryHandle,
	name: string,
	signal: AbortSignal | undefined,
	onBytes: (bytes: number) => void
): Promise<void> {
	const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
	try {
		for (let at = 0; at < file.size; at += copyPiece) {
			if (signal?.aborted) throw abortError();
			// Read first, so that whatever fails after that is the writing.
			const piece = await file.slice(at, at + copyPiece).arrayBuffer();
			await writable.write(piece).catch(refuse);
			onBytes(piece.byteLength);
		}
		await writable.close().catch(refuse);
	} catch (error) {
		await writable.abort().catch(() => {}); // a failed write has closed it
		throw error;
	}
}

export async function writeText(
	folder: FileSystemDirectoryHandle,
	name: string,
	text: string
): Promise<void> {
	const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
	await writable.write(text);
	await writable.close();
}

/** What `find` finds, or `undefined` if a file or folder on the way is not there. */
export async function unlessMissing<T>(find: () => Promise<T>): Promise<T | undefined> {
	try {
		return await find();
	} catch (error) {
		if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
		throw error;
	}
}
