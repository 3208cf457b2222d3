import * as Comlink from 'comlink';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PrivateFileModels } from '../../../src/models/wllama/private-file-models.ts';
import { hashOf } from '../../../src/models/wllama/model-files.ts';
import { tinyAdapter, tinyGguf, tinyGgufParts } from '../fixtures/tiny-gguf.ts';

const models = new PrivateFileModels();

const whole = () => new File([tinyGguf()], 'tiny.gguf');
const parts = () => tinyGgufParts(2).map((bytes, i) => new File([bytes], `tiny-0000${i + 1}-of-00002.gguf`));
/** A sound model of 40 MB, so that copying it takes several pieces: the rest of the file is never read. */
const large = () => new File([tinyGguf(), new Uint8Array(40_000_000)], 'large.gguf');

async function folder(): Promise<FileSystemDirectoryHandle> {
	return (await navigator.storage.getDirectory()).getDirectoryHandle('models', { create: true });
}

async function foldersThere(): Promise<string[]> {
	const names: string[] = [];
	for await (const name of (await folder()).keys()) names.push(name);
	return names;
}

afterEach(async () => {
	vi.restoreAllMocks();
	for (const name of await foldersThere()) await (await folder()).removeEntry(name, { recursive: true });
});

describe('keeping', () => {
	it('gives back what it was given', async () => {
		const progress: number[] = [];
		const entry = await models.keep([whole()], { onProgress: (fraction) => progress.push(fraction) });
		expect(entry).toEqual({
			id: await hashOf([whole()]),
			kind: 'model',
			name: 'Tiny random',
			files: ['tiny.gguf'],
			bytes: whole().size,
			architecture: 'llama',
			contextTokens: 2048,
			cacheBytesPerToken: 2 * 2 * 64 * 2,
			hasTemplate: true,
			template: {
				source: 'own',
				tools: 'hermes',
				system: 'own',
				syntax: 'hermes-json',
				losses: [expect.stringMatching(/leaves out tools/) as string]
			},
			keptAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
		});
		expect(progress.at(-1)).toBe(1);
		expect(progress).toEqual(progress.toSorted((a, b) => a - b));
		expect(await models.list()).toEqual([entry]);
		const kept = await models.get(entry.id);
		expect(kept.entry).toEqual(entry);
		expect(await hashOf(kept.files)).toBe(entry.id);
	});

	it('lists a model whose entry is damaged by what its files say, and beside it the others', async () => {
		const sound = await models.keep([new File([tinyAdapter()], 'lora.gguf')]);
		const entry = await models.keep([whole()]);
		const spoil = async (name: string, text: string) => {
			const its = await (await folder()).getDirectoryHandle(entry.id);
			const stream = await (await its.getFileHandle(name)).createWritable();
			await stream.write(text);
			await stream.close();
		};
		for (const text of ['', '{"id":', '{"id":"other"}']) {
			await spoil('entry.json', text);
			const again = { ...entry, files: ['0.gguf'], keptAt: expect.any(String) as string };
			expect(await models.list()).toEqual(expect.arrayContaining([sound, again]));
			expect(await hashOf((await models.get(entry.id)).files)).toBe(entry.id);
		}
		await spoil('0.gguf', 'no model');
		expect((await models.list()).map(({ name }) => name)).toContain(`Damaged model ${entry.id.slice(0, 8)}`);
		await models.delete(entry.id);
		expect(await models.list()).toEqual([sound]);
	});

	it('keeps parts in order, and an adapter as one', async () => {
		const [one, two] = parts();
		const split = await models.keep([two!, one!]);
		expect(split.files).toEqual([one!.name, two!.name]);
		expect(await hashOf((await models.get(split.id)).files)).toBe(await hashOf([one!, two!]));
		const adapter = await models.keep([new File([tinyAdapter()], 'lora.gguf')]);
		expect(adapter).toMatchObject({ kind: 'adapter', name: 'Tiny adapter', architecture: 'llama' });
		expect((await models.list()).map(({ id }) => id)).toEqual([adapter.id, split.id]);
	});

	it('copies nothing that is there already', async () => {
		const first = await models.keep([whole()]);
		const write = vi.spyOn(FileSystemFileHandle.prototype, 'createWritable');
		expect(await models.keep([new File([tinyGguf()], 'renamed.gguf')])).toEqual(first);
		expect(write).not.toHaveBeenCalled();
	});

	it('copies once when two tabs keep the same model at the same time', async () => {
		const write = vi.spyOn(FileSystemFileHandle.prototype, 'createWritable');
		const [a, b] = await Promise.all([models.keep([large()]), new PrivateFileModels().keep([large()])]);
		expect(b).toEqual(a);
		expect(write).toHaveBeenCalledTimes(2); // the file and its entry
		expect(await hashOf((await models.get(a.id)).files)).toBe(a.id);
	});

	it('works the same in a worker, for the page and every other worker', async () => {
		const worker = new Worker(new URL('./private-file-models.worker.ts', import.meta.url), {
			type: 'module'
		});
		try {
			const inWorker = Comlink.wrap<PrivateFileModels>(worker);
			const entry = await inWorker.keep([whole()]);
			expect(await models.list()).toEqual([entry]);
			expect(await hashOf((await inWorker.get(entry.id)).files)).toBe(entry.id);
			await models.delete(entry.id);
			expect(await inWorker.list()).toEqual([]);
		} finally {
			worker.terminate();
		}
	});

	it('refuses what is no model before it writes anything', async () => {
		await expect(models.keep([new File(['cat'], 'cat.jpg')])).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(/^cat\.jpg: /)
		});
		expect(await foldersThere()).toEqual([]);
	});
});

describe('what is cut off', () => {
	it('leaves nothing when it is aborted', async () => {
		const controller = new AbortController();
		const keeping = models.keep([large()], {
			signal: controller.signal,
			onProgress: (fraction) => fraction > 0.5 && controller.abort()
		});
		await expect(keeping).rejects.toMatchObject({ name: 'AbortError' });
		expect(await foldersThere()).toEqual([]);
		const write = vi.spyOn(FileSystemFileHandle.prototype, 'createWritable');
		await expect(models.keep([large()], { signal: controller.signal })).rejects.toMatchObject({
			name: 'AbortError'
		});
		expect(write).not.toHaveBeenCalled();
	});

	it('stops waiting for another tab when it is aborted', async () => {
		const controller = new AbortController();
		const id = await hashOf([whole()]);
		await navigator.locks.request(`joshtree-kept-model-${id}`, async () => {
			const keeping = models.keep([whole()], { signal: controller.signal });
			setTimeout(() => controller.abort('enough'), 100);
			await expect(keeping).rejects.toMatchObject({ name: 'AbortError' });
		});
		expect(await foldersThere()).toEqual([]);
	});

	it('leaves nothing when a part cannot be written', async () => {
		let written = 0;
		const write = FileSystemWritableFileStream.prototype.write;
		vi.spyOn(FileSystemWritableFileStream.prototype, 'write').mockImplementation(function (
			this: FileSystemWritableFileStream,
			data
		) {
			return ++written > 1 ? Promise.reject(new Error('the disk is gone')) : write.call(this, data);
		});
		await expect(models.keep(parts())).rejects.toThrow('the disk is gone');
		expect(written).toBe(2);
		expect(await foldersThere()).toEqual([]);
	});

	it('is not listed and is cleared away, unless another tab is at it', async () => {
		const remains = await (await folder()).getDirectoryHandle('abc', { create: true });
		const writable = await (await remains.getFileHandle('0.gguf', { create: true })).createWritable();
		await writable.write('half');
		await writable.close();
		await navigator.locks.request('joshtree-kept-model-abc', async () => {
			expect(await models.list()).toEqual([]);
			expect(await foldersThere()).toEqual(['abc']);
		});
		await expect(models.get('abc')).rejects.toMatchObject({ name: 'ModelLoadError' });
		expect(await models.list()).toEqual([]);
		expect(await foldersThere()).toEqual([]);
	});
});

describe('no room', () => {
	it('says how much is needed and how much there is', async () => {
		vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 5_000_000, usage: 3_800_000 });
		await expect(models.keep([large()])).rejects.toMatchObject({
			name: 'ModelLoadError',
			message:
				'There is no room for large: it needs 40.4 MB, and the browser has 1.2 MB left for this page. Delete models or runs that you do not need, or make room on the disk.'
		});
		expect(await foldersThere()).toEqual([]);
	});
});

describe('deleting', () => {
	it('takes the model away, and does nothing twice', async () => {
		const { id } = await models.keep([whole()]);
		await models.delete(id);
		await models.delete(id);
		expect(await models.list()).toEqual([]);
		expect(await foldersThere()).toEqual([]);
		await expect(models.get(id)).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(/Add its file again/)
		});
	});
});

describe('a browser that cannot', () => {
	it('says so when something is to be kept, and has nothing to list', async () => {
		vi.spyOn(navigator.storage, 'getDirectory').mockRejectedValue(
			new DOMException('Not here', 'SecurityError')
		);
		await expect(models.keep([whole()])).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(/does not let this page keep files \(Not here\)/)
		});
		vi.restoreAllMocks();
		const getDirectory = Object.getOwnPropertyDescriptor(StorageManager.prototype, 'getDirectory')!;
		delete (StorageManager.prototype as Partial<StorageManager>).getDirectory;
		try {
			await expect(models.keep([whole()])).rejects.toMatchObject({
				name: 'ModelLoadError',
				message: expect.stringMatching(/cannot keep model files/)
			});
			expect(await models.list()).toEqual([]);
		} finally {
			Object.defineProperty(StorageManager.prototype, 'getDirectory', getDirectory);
		}
	});
});
