import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { MemoryFiles } from './memory-files.ts';
import { describeRunStore } from './run-store-suite.ts';
import { agentEvent, of, packText, sampleRecord, userEvent } from './samples.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'joshtree-store-'));
	folders.push(folder);
	return folder;
}

afterEach(async () => {
	for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

describeRunStore('a folder on the disk', async () => {
	const folder = await newFolder();
	return { open: async () => new FolderStore(new NodeFiles(folder)) };
});

describe('FolderStore', () => {
	const path = 'runs/a/events.jsonl';
	let files: MemoryFiles;
	let store: FolderStore;

	beforeEach(async () => {
		files = new MemoryFiles();
		store = new FolderStore(files);
		await store.create(sampleRecord('a'), packText);
	});

	it('writes one line for each event, and only adds to them', async () => {
		const folder = await newFolder();
		const onDisk = new FolderStore(new NodeFiles(folder));
		await onDisk.create(sampleRecord('a'), packText);
		await onDisk.append('a', of('first', userEvent(0)));
		const before = await readFile(join(folder, path), 'utf8');
		await onDisk.append('a', of('first', agentEvent(1)));
		const after = await readFile(join(folder, path), 'utf8');
		expect(after.startsWith(before)).toBe(true);
		expect(after.split('\n')).toHaveLength(3);
	});

	it('drops a last line that was cut off anywhere, and goes on', async () => {
		await store.append('a', of('first', userEvent(0)));
		const first = files.files.get(path)!;
		await store.append('a', of('first', agentEvent(1)));
		const whole = files.files.get(path)!;
		for (let length = first.length; length < whole.length; length++) {
			files.files.set(path, whole.slice(0, length));
			const reopened = new FolderStore(files);
			expect(await reopened.events('a')).toEqual(of('first', userEvent(0)));
			await reopened.append('a', of('first', agentEvent(1)));
			expect(files.files.get(path)).toBe(whole);
		}
	});

	it('loses nothing when the disk is full, and goes on when it is not', async () => {
		await store.append('a', of('first', userEvent(0)));
		files.beforeAppend = (_, text) => {
			files.files.set(path, files.files.get(path)! + text.slice(0, 9));
			throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
		};
		await expect(store.append('a', of('first', userEvent(1)))).rejects.toMatchObject({
			name: 'StoreError',
			message: expect.stringMatching(/no space.*Free some space/)
		});
		expect(await store.events('a')).toEqual(of('first', userEvent(0)));
		files.beforeAppend = () => undefined;
		await store.append('a', of('first', userEvent(1)));
		expect(await new FolderStore(files).events('a')).toEqual(of('first', userEvent(0), userEvent(1)));
	});

	it('names the line and the member that is damaged', async () => {
		await store.append('a', of('first', userEvent(0), userEvent(1)));
		const whole = files.files.get(path)!;
		files.files.set(path, whole.replace('"n":1', '"n":"one"'));
		await expect(new FolderStore(files).events('a')).rejects.toThrow(
			/events\.jsonl, line 2, is damaged at event\.n/
		);
		files.files.set(path, `{"scenario\n${whole}`);
		await expect(new FolderStore(files).events('a')).rejects.toThrow(/line 1, is damaged: it is no JSON/);
	});

	it('lists the other runs beside a damaged one, which can be deleted', async () => {
		const warn = vi.spyOn(console, 'warn').mockReturnValue();
		await store.create(sampleRecord('b'), packText);
		files.files.set('runs/b/run.json', '{"id":"b"}');
		expect((await store.list()).map(({ id }) => id)).toEqual(['a']);
		expect(warn).toHaveBeenCalledExactlyOnceWith(
			expect.stringMatching(/runs\/b\/run\.json is damaged at createdAt/)
		);
		await expect(store.get('b')).rejects.toThrow(/damaged/);
		await store.delete('b');
		expect([...files.files.keys()].filter((name) => name.startsWith('runs/b'))).toEqual([]);
		warn.mockRestore();
	});

	it('takes no id that would leave the folder', async () => {
		await expect(store.create(sampleRecord('../../a'), packText)).rejects.toThrow(/letters, digits/);
	});
});
