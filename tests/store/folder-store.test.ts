import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { MemoryFiles } from './memory-files.ts';
import { describeRunStore } from './run-store-suite.ts';
import { agentEvent, ended, of, packHash, packText, sampleRecord, userEvent } from './samples.ts';

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

describeRunStore('memory', async () => {
	const store = new MemoryStore('Nothing is kept.');
	return { open: async () => store };
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
			expect((await reopened.events('a')).events).toEqual(of('first', userEvent(0)));
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
		expect((await store.events('a')).events).toEqual(of('first', userEvent(0)));
		files.beforeAppend = () => undefined;
		await store.append('a', of('first', userEvent(1)));
		expect(await new FolderStore(files).events('a')).toEqual({
			events: of('first', userEvent(0), userEvent(1)),
			damage: []
		});
	});

	it('takes a summary that was cut off, or is of other events, for none', async () => {
		const path = 'runs/a/ended.jsonl';
		await store.append('a', of('first', userEvent(0), userEvent(1)), [ended('first', 2, ' one')]);
		await store.append('a', of('second', userEvent(0)), [ended('second', 1, ' two')]);
		const whole = files.files.get(path)!;
		files.files.set(path, whole.slice(0, -9));
		let reopened = new FolderStore(files);
		expect(await reopened.overview('a')).toMatchObject({
			ended: [{ scenario: 'first' }],
			begun: [{ scenario: 'second' }]
		});
		expect(await reopened.find('a', [' t'])).toEqual([]);
		await reopened.append('a', [], [ended('second', 1, ' two')]);
		reopened = new FolderStore(files);
		expect((await reopened.overview('a')).begun).toEqual([]);
		expect(await reopened.find('a', [' t'])).toEqual([{ scenario: 'second' }]);

		const events = 'runs/a/events.jsonl';
		files.files.set(events, files.files.get(events)!.split('\n').slice(1).join('\n'));
		reopened = new FolderStore(files);
		expect(await reopened.overview('a')).toMatchObject({
			ended: [{ scenario: 'second' }],
			begun: [{ scenario: 'first' }]
		});
		expect(await reopened.find('a', [' one'])).toEqual([]);
	});

	it('reads a scenario whose lines lie far from each other, and between those of others', async () => {
		const far = 'x'.repeat(70_000);
		for (let n = 0; n < 4; n++)
			await store.append('a', [...of('first', userEvent(n, `${n}`)), ...of('second', userEvent(n, far))]);
		const reopened = new FolderStore(files);
		for (const one of [store, reopened])
			expect((await one.events('a', 'first')).events).toEqual(
				of('first', ...[0, 1, 2, 3].map((n) => userEvent(n, `${n}`)))
			);
		await reopened.append('a', of('first', userEvent(4)));
		expect((await reopened.events('a', 'first')).events).toHaveLength(5);
	});

	it('says that the last line of a finished run is cut off, and leaves it where it is', async () => {
		await store.append('a', of('first', userEvent(0), userEvent(1)));
		await store.update('a', { status: 'finished' });
		const cut = files.files.get(path)!.slice(0, -9);
		files.files.set(path, cut);
		expect(await new FolderStore(files).events('a')).toEqual({
			events: of('first', userEvent(0)),
			damage: [`${path}: its last line is cut off`]
		});
		expect(files.files.get(path)).toBe(cut);
	});

	it('lists the other runs beside damaged ones, which can be deleted', async () => {
		for (const id of ['b', 'c', 'd', 'e']) await store.create(sampleRecord(id), packText);
		await store.append('e', of('first', userEvent(0)));
		files.files.set('runs/b/run.json', '{"id":"b"}');
		files.files.set('runs/c/run.json', '');
		files.files.set('runs/d/run.json', files.files.get('runs/d/run.json')!.slice(0, 99));
		files.files.delete('runs/e/run.json');
		const { runs, damaged } = await store.list();
		expect(runs.map(({ id }) => id)).toEqual(['a']);
		expect(damaged).toEqual([
			{ id: 'b', reason: expect.stringMatching(/^runs\/b\/run\.json is damaged at createdAt.*Restore it/) },
			{ id: 'c', reason: expect.stringMatching(/^runs\/c\/run\.json is damaged: it is empty\. Restore it/) },
			{ id: 'd', reason: expect.stringMatching(/^runs\/d\/run\.json is damaged: it is cut off/) },
			{ id: 'e', reason: expect.stringMatching(/^runs\/e\/run\.json is damaged: it is missing/) }
		]);
		await expect(store.get('b')).rejects.toThrow(/damaged/);
		for (const { id } of damaged) await store.delete(id);
		expect(await store.list()).toEqual({ runs: [sampleRecord('a')], damaged: [] });
		expect([...files.files.keys()].filter((name) => /^runs\/[b-e]/.test(name))).toEqual([]);
	});

	it('gives no pack that is another than the run was made with', async () => {
		files.files.set(`packs/${packHash}.json`, packText.replace('a pack', 'A pack'));
		await expect(store.pack(packHash)).rejects.toThrow(/packs\/.*\.json is damaged: .*hash.*Restore it/);
	});

	it('takes no id that would leave the folder', async () => {
		await expect(store.create(sampleRecord('../../a'), packText)).rejects.toThrow(/letters, digits/);
	});
});
