import { expect, test } from 'vitest';
import { trainingCuration } from '../../src/dataset/curation/curation.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { sound } from '../dataset/check-templates.ts';
import { unzipped } from '../store/unzipped.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { datasets, deskConfig, deskService, packText } from './desk-run.ts';

/** A run that was made elsewhere, with another pack than new runs have here. */
async function elsewhere() {
	const service = deskService(new FolderStore(new MemoryFiles()));
	const { id } = await service.create(deskConfig());
	await service.start(id, { workers: 1 });
	const [record] = await service.list();
	return { id, record: record!, events: await service.events(id), data: await datasets(service, id) };
}

const otherPack = async () => JSON.stringify({ ...(JSON.parse(packText) as object), id: 'other' });

test('a run of another environment comes with its pack, and is read as where it was made', async () => {
	const { id, record, events, data } = await elsewhere();
	const service = deskService(new FolderStore(new MemoryFiles()), { fetchPack: otherPack });
	await expect(service.import(record, events)).rejects.toThrow(/pack "desk" .* is not known here/);
	expect(await service.list()).toEqual([]);
	await service.import(record, events, packText);
	expect(await service.pack(id)).toBe(packText);
	expect(await datasets(service, id)).toEqual(data);
	// The same again changes nothing.
	await service.import(record, events, packText);
	expect(await service.events(id)).toEqual(events);
});

test('a pack that is not the run’s is refused, and nothing is stored', async () => {
	const { record, events } = await elsewhere();
	const service = deskService(new FolderStore(new MemoryFiles()), { fetchPack: otherPack });
	await expect(service.import(record, events, await otherPack())).rejects.toThrow(/does not have the hash/);
	expect(await service.list()).toEqual([]);
});

test('what a person says of a conversation is kept, changed and taken back', async () => {
	const { id, record, events } = await elsewhere();
	const service = deskService(new FolderStore(new MemoryFiles()));
	await service.import(record, events);
	const ratings = async () => (await service.list())[0]!.ratings;
	await service.rate(id, 'a', 'good');
	await service.rate(id, 'b', 'bad');
	await service.rate(id, 'a', 'bad');
	expect(await ratings()).toEqual({ a: 'bad', b: 'bad' });
	await service.rate(id, 'b', undefined);
	expect(await ratings()).toEqual({ a: 'bad' });
	await expect(service.rate(id, 'z', 'good')).rejects.toThrow(`Run ${id} has no scenario z`);
	await expect(service.rate('none', 'a', 'good')).rejects.toThrow('There is no run none');
	expect((await datasets(service, id))['sft.jsonl']).toContain('"scenario":"e"');
	await service.rate(id, 'e', 'bad');
	expect((await datasets(service, id))['sft.jsonl']).toBe('');
});

test('where no file can be written, the dataset is an archive in memory', async () => {
	const { id, record, events } = await elsewhere();
	const service = deskService(new FolderStore(new MemoryFiles()));
	await service.import(record, events);
	const target = { kind: 'files', name: 'Sound', files: { 'chat_template.jinja': sound } } as const;
	const choices = { formats: ['trl-sft/1'], curation: trainingCuration, target };
	const { archive } = await service.datasets.exportDataset(id, choices, undefined, () => undefined);
	const files = await unzipped(archive!);
	expect(JSON.parse(files.get('run/run.json')!)).toMatchObject({ id });
});

test('without a model to try rows with, one must be chosen', async () => {
	const { id, record, events } = await elsewhere();
	const service = deskService(new FolderStore(new MemoryFiles()));
	await service.import(record, events);

	const choices = { formats: ['trl-sft/1'], curation: trainingCuration };
	await expect(service.datasets.checkDataset(id, choices, () => undefined)).rejects.toThrow(
		/Choose the model/
	);
});
