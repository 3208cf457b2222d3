import { afterEach, expect, test } from 'vitest';
import { trainingCuration } from '../../src/dataset/curation/curation.ts';
import type { DatasetProgress } from '../../src/dataset/dataset.ts';
import { runFolder } from '../../src/dataset/folder.ts';
import type { DatasetChoices } from '../../src/run/dataset-service.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { filesIn } from '../../src/store/hub.ts';
import { openArchive, readRunFiles } from '../../src/store/run-files.ts';
import { sound } from '../dataset/check-templates.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { unzipped } from '../store/unzipped.ts';
import { deskConfig, deskService } from './desk-run.ts';

const root = await navigator.storage.getDirectory();

afterEach(async () => {
	const names = (root as unknown as { keys(): AsyncIterable<string> }).keys();
	for await (const name of names) await root.removeEntry(name, { recursive: true });
});

const choices: DatasetChoices = {
	formats: ['trl-sft/1', 'trl-kto/1', 'llamafactory-sft/1'],
	curation: trainingCuration,
	target: { kind: 'files', name: 'Sound', files: { 'chat_template.jinja': sound } }
};

async function finished() {
	const service = deskService(new FolderStore(new MemoryFiles()));
	const { id } = await service.create(deskConfig());
	await service.start(id, { workers: 1 });
	return { service, id };
}

const nothing = () => undefined;

test('a dataset is written into a folder and into an archive, the same; looking says the same', async () => {
	const { service, id } = await finished();
	const folder = await root.getDirectoryHandle('dataset', { create: true });
	const told: DatasetProgress[] = [];
	const outcome = await service.datasets.exportDataset(id, choices, folder, (progress) =>
		told.push(progress)
	);
	expect(new Set(told.map(({ step }) => step))).toEqual(new Set(['reading', 'arranging', 'writing']));

	const files = await filesIn(folder);
	const texts = new Map<string, string>();
	for (const { path, content } of files) texts.set(path, await content.text());
	for (const path of ['README.md', 'llamafactory/dataset_info.json', ...Object.values(runFolder)])
		expect([...texts.keys()]).toContain(path);

	const archive = await root.getFileHandle('dataset.zip', { create: true });
	expect(await service.datasets.exportDataset(id, choices, archive, nothing)).toEqual(outcome);
	expect(await unzipped(await archive.getFile())).toEqual(texts);

	expect(await service.datasets.checkDataset(id, choices, nothing)).toEqual(outcome);
	const { record, events } = await readRunFiles(await openArchive(await archive.getFile()));
	expect(record).toEqual((await service.list())[0]);
	expect(await events()).toEqual({ events: await service.events(id), damage: [] });
});

test('an export that is cancelled leaves no archive', async () => {
	const { service, id } = await finished();
	const archive = await root.getFileHandle('dataset.zip', { create: true });
	const stop = new AbortController();
	const cancelled = service.datasets.exportDataset(id, choices, archive, () => stop.abort(), stop.signal);
	await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
	expect((await archive.getFile()).size).toBe(0);
});

test('two exports of one run go side by side', async () => {
	const { service, id } = await finished();
	const both = [1, 2].map(() => service.datasets.checkDataset(id, choices));
	const [first, second] = await Promise.all(both);
	expect(first).toEqual(second);
	expect(first!.summary.scenarios).toBe(5);
});
