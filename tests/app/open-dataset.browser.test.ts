import { zipSync } from 'fflate';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { Notices } from '../../src/app/notices.svelte.ts';
import { readChosenRun } from '../../src/app/open-run.ts';
import OpenDataset from '../../src/app/parts/OpenDataset.svelte';
import { Session } from '../../src/app/session.svelte.ts';
import { runFolder } from '../../src/dataset/folder.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import type { RunFiles } from '../../src/store/run-files.ts';
import { deskConfig, deskService, packText } from '../run/desk-run.ts';
import { MemoryFiles } from '../store/memory-files.ts';

beforeEach(() => localStorage.clear());
afterEach(() => localStorage.clear());

/** The files of a run as a dataset folder holds them, by path. */
async function runFiles(): Promise<Record<string, string>> {
	const service = deskService(new FolderStore(new MemoryFiles()));
	const { id } = await service.create(deskConfig({ scenarios: ['a', 'b'] }));
	await service.start(id, { workers: 1 });
	const [record] = await service.list();
	const events = await service.events(id);
	return {
		[runFolder.record]: JSON.stringify(record),
		[runFolder.pack]: packText,
		[runFolder.events]: events.map((event) => `${JSON.stringify(event)}\n`).join('')
	};
}

const files = await runFiles();
const { id } = JSON.parse(files[runFolder.record]!) as { id: string };

function archive(texts: Record<string, string>, name = 'dataset.zip'): File {
	const entries = Object.entries(texts).map(([path, text]) => [path, new TextEncoder().encode(text)]);
	return new File([zipSync(Object.fromEntries(entries) as Record<string, Uint8Array<ArrayBuffer>>)], name);
}

function inFolder(texts: Record<string, string>): File[] {
	return Object.entries(texts).map(([path, text]) => {
		const file = new File([text], path.split('/').at(-1)!);
		Object.defineProperty(file, 'webkitRelativePath', { value: `my dataset/${path}` });
		return file;
	});
}

async function open() {
	const notices = new Notices();
	const session = new Session(deskService(new FolderStore(new MemoryFiles())), notices);
	await session.ready;
	const opened: (string | undefined)[] = [];
	const screen = await render(OpenDataset, {
		onopen: async (read: () => Promise<RunFiles>) => void opened.push(await session.open(read))
	});
	return { screen, session, notices, opened };
}

test('an archive is chosen, and its run is stored with all its steps', async () => {
	const { screen, session, opened } = await open();
	await screen.getByLabelText('Choose an archive …').upload(archive(files));
	await vi.waitFor(() => expect(opened).toEqual([id]));
	expect(session.runs.map((run) => run.id)).toEqual([id]);
	expect(await session.service.events(id)).toHaveLength(files[runFolder.events]!.split('\n').length - 1);
});

test('an archive is dropped', async () => {
	const { screen, opened } = await open();
	const dataTransfer = new DataTransfer();
	dataTransfer.items.add(archive(files));
	const section = screen.getByRole('region', { name: 'Open a dataset …' }).element();
	const over = new DragEvent('dragover', { dataTransfer, cancelable: true, bubbles: true });
	section.dispatchEvent(over);
	expect(over.defaultPrevented).toBe(true);
	section.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true, bubbles: true }));
	await vi.waitFor(() => expect(opened).toEqual([id]));
});

test('a folder is read by the paths in it', async () => {
	expect((await readChosenRun(inFolder(files))).record.id).toBe(id);
	expect(
		(
			await readChosenRun([
				archive(Object.fromEntries(Object.entries(files).map(([path, text]) => [`around/${path}`, text])))
			])
		).record.id
	).toBe(id);
});

test('the archive of a plain export opens like a dataset', async () => {
	const service = deskService(new FolderStore(new MemoryFiles()));
	const { record, events } = await readChosenRun([archive(files)]);
	await service.import(record, (await events()).events, packText);
	const { archive: zip } = await service.datasets.exportArchive(id);
	const again = await readChosenRun([new File([zip], 'joshtree.plain.zip')]);
	expect(again.record).toEqual(record);
	expect(await again.events()).toEqual(await events());
});

test.each([
	['no archive', () => new File(['text'], 'a.zip'), /could not be opened: This is no ZIP archive/],
	['an archive of something else', () => archive({ 'a.txt': 'a' }), /There is no run\/run.json/],
	[
		'a damaged run',
		() => archive({ ...files, [runFolder.events]: '{"scenario":' }),
		/run\/events.jsonl, line 1, is damaged: it is not JSON.*Nothing was stored/
	],
	['another pack', () => archive({ ...files, [runFolder.pack]: '{}' }), /does not have the hash/]
])('%s is refused in words, and nothing is stored', async (_, file, words) => {
	const { screen, session, notices, opened } = await open();
	await screen.getByLabelText('Choose an archive …').upload(file());
	await vi.waitFor(() => expect(opened).toEqual([undefined]));
	expect(notices.list.map(({ text }) => text)).toEqual([expect.stringMatching(words)]);
	expect(session.runs).toEqual([]);
});
