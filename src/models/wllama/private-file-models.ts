import { isJsonObject } from '../../base/json.ts';
import { ModelLoadError } from '../language-model.ts';
import { abortError } from '../../base/abort.ts';
import { bareName, chosenFiles, type ChosenFiles } from './chosen-files.ts';
import {
	cacheValueBytes,
	cacheValuesPerToken,
	quantisationOf,
	textEntry,
	trainedContext
} from './header-facts.ts';
import type { KeepOptions, KeptModel, KeptModels } from './kept-models.ts';
import { hashOf } from './model-files.ts';
import { templateFacts } from './prompts.ts';
import {
	copyFile,
	hasPrivateFiles,
	isFolder,
	privateFolder,
	unlessMissing,
	WriteRefused,
	writeText
} from './private-file-system.ts';

/** Written last, so that what was cut off has none. */
const entryFile = 'entry.json';

/**
 * Kept models in the origin's private file system: `models/<id>/0.gguf` and so on for the parts, and beside them
 * `entry.json`. Tabs do not get into each other's way: a tab that changes a model's folder holds a lock on it.
 */
export class PrivateFileModels implements KeptModels {
	async list(): Promise<KeptModel[]> {
		if (!hasPrivateFiles()) return [];
		const models = await openModels();
		const kept: KeptModel[] = [];
		for await (const [id, folder] of models.entries()) {
			if (!isFolder(folder)) continue;
			const entry = await entryAt(models, id);
			if (entry) kept.push(entry);
			else await removeRemains(models, id);
		}
		return kept.sort((a, b) => (a.keptAt < b.keptAt ? 1 : -1));
	}

	async keep(
		files: readonly File[],
		{ signal, onProgress = () => {} }: KeepOptions = {}
	): Promise<KeptModel> {
		const models = await openModels();
		const chosen = await chosenFiles(files);
		const bytes = sizeOf(chosen);
		// Each byte is read twice: for the hash, and to be copied.
		const id = await hashOf(chosen.files, {
			...(signal && { signal }),
			onBytes: (hashed) => onProgress(hashed / bytes / 2)
		});
		return alone(id, signal, async () => {
			const there = await entryAt(models, id);
			if (there) {
				onProgress(1);
				return there;
			}
			await remove(models, id);
			if (bytes > (await roomLeft())) throw await noRoom(chosen);
			try {
				const folder = await models.getDirectoryHandle(id, { create: true });
				let copied = 0;
				const onBytes = (more: number) => onProgress(0.5 + (copied += more) / bytes / 2);
				for (const [part, file] of chosen.files.entries())
					await copyFile(file, folder, partFile(part), signal, onBytes);
				const entry = entryOf(id, chosen);
				await writeText(folder, entryFile, JSON.stringify(entry));
				return entry;
			} catch (error) {
				await remove(models, id);
				throw error instanceof WriteRefused ? await noRoom(chosen, error) : error;
			}
		});
	}

	async get(id: string): Promise<{ entry: KeptModel; files: readonly File[] }> {
		const models = await openModels();
		const found = await unlessMissing(async () => {
			const entry = await entryAt(models, id);
			if (!entry) return undefined;
			const folder = await models.getDirectoryHandle(id);
			const files: File[] = [];
			for (const part of entry.files.keys())
				files.push(await (await folder.getFileHandle(partFile(part))).getFile());
			return { entry, files };
		});
		if (found) return found;
		throw new ModelLoadError(
			'The model is not in this browser (any more): it was deleted, or the browser has cleared its storage. Add its file again.'
		);
	}

	async delete(id: string): Promise<void> {
		const models = await openModels();
		await alone(id, undefined, () => remove(models, id));
	}
}

function openModels(): Promise<FileSystemDirectoryHandle> {
	return privateFolder('models');
}

function partFile(part: number): string {
	return `${part}.gguf`;
}

function entryOf(id: string, chosen: ChosenFiles): KeptModel {
	const { kind, header, architecture, files } = chosen;
	const contextTokens = trainedContext(header);
	const quantisation = quantisationOf(header);
	return {
		id,
		kind,
		name: textEntry(header, 'general.name') ?? bareName(files[0]!.name),
		files: files.map(({ name }) => name),
		bytes: sizeOf(chosen),
		architecture,
		...(quantisation !== undefined && { quantisation }),
		...(contextTokens !== undefined && { contextTokens }),
		...(kind === 'model' && { cacheBytesPerToken: cacheValuesPerToken(header) * cacheValueBytes.f16 }),
		hasTemplate: header.metadata.has('tokenizer.chat_template'),
		...(kind === 'model' && { template: templateFacts(header) }),
		keptAt: new Date().toISOString()
	};
}

function sizeOf({ files }: ChosenFiles): number {
	return files.reduce((sum, { size }) => sum + size, 0);
}

function entryAt(models: FileSystemDirectoryHandle, id: string): Promise<KeptModel | undefined> {
	return unlessMissing(async () => {
		const folder = await models.getDirectoryHandle(id);
		const file = await (await folder.getFileHandle(entryFile)).getFile();
		return entryIn(await file.text(), id) ?? entryAgain(folder, id);
	});
}

function entryIn(text: string, id: string): KeptModel | undefined {
	try {
		const value: unknown = JSON.parse(text);
		const isEntry = isJsonObject(value) && value['id'] === id && Array.isArray(value['files']);
		return isEntry ? (value as unknown as KeptModel) : undefined;
	} catch {
		return undefined;
	}
}

/** An entry that is damaged must not hide the model, nor the others: its files say the same of it, but for their names. */
async function entryAgain(folder: FileSystemDirectoryHandle, id: string): Promise<KeptModel> {
	const files: File[] = [];
	for await (const [name, handle] of folder.entries())
		if (name !== entryFile) files.push(await (handle as FileSystemFileHandle).getFile());
	try {
		return entryOf(id, await chosenFiles(files));
	} catch {
		return {
			id,
			kind: 'model',
			name: `Damaged model ${id.slice(0, 8)}`,
			files: files.map(({ name }) => name),
			bytes: files.reduce((sum, { size }) => sum + size, 0),
			architecture: 'unknown',
			hasTemplate: false,
			keptAt: new Date(0).toISOString()
		};
	}
}

/** Does nothing if it is not there. */
async function remove(models: FileSystemDirectoryHandle, id: string): Promise<void> {
	// The entry first: should the rest be cut off, it is not listed any more.
	await unlessMissing(async () => (await models.getDirectoryHandle(id)).removeEntry(entryFile));
	await unlessMissing(() => models.removeEntry(id, { recursive: true }));
}

/** What a copy left that was cut off with its tab; one that another tab is busy with stays. */
async function removeRemains(models: FileSystemDirectoryHandle, id: string): Promise<void> {
	await navigator.locks.request(lockOf(id), { ifAvailable: true }, async (lock) => {
		// It may have been finished in between.
		if (lock && !(await entryAt(models, id))) await remove(models, id);
	});
}

function lockOf(id: string): string {
	return `joshtree-kept-model-${id}`;
}

/** @throws an `AbortError` if `signal` aborts before the lock is free */
async function alone<T>(id: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
	try {
		return await navigator.locks.request(lockOf(id), { ...(signal && { signal }) }, work);
	} catch (error) {
		throw signal?.aborted ? abortError() : error;
	}
}

/** Bytes as the browser tells them, which may be more than it then gives; infinite if it does not say. */
async function roomLeft(): Promise<number> {
	const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
	return Math.max(0, quota - usage);
}

async function noRoom(chosen: ChosenFiles, cause?: unknown): Promise<ModelLoadError> {
	const [needed, room] = [sizeOf(chosen), await roomLeft()];
	const has = room < needed ? `has ${inWords(room)} left for this page` : 'does not give this page that much';
	return new ModelLoadError(
		`There is no room for ${bareName(chosen.files[0]!.name)}: it needs ${inWords(needed)}, and the browser ${has}. Delete models or runs that you do not need, or make room on the disk.`,
		{ cause }
	);
}

function inWords(bytes: number): string {
	return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
