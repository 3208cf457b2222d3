import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { summaryTable } from '../../src/cli/summary-table.ts';
import { loadEnvironment } from '../../src/environment/pack-environment.ts';
import type { CheckReport } from '../../src/dataset/check/self-check.ts';
import type { TargetModel } from '../../src/dataset/check/check.ts';
import { trainingCuration } from '../../src/dataset/curation/curation.ts';
import { runFolder } from '../../src/dataset/folder.ts';
import { datasetFormats } from '../../src/dataset/formats/index.ts';
import { MemoryScratch, MemorySink } from '../../src/dataset/memory-files.ts';
import type { DatasetSink } from '../../src/dataset/sink.ts';
import { ModelFaultError } from '../../src/models/language-model.ts';
import {
	exportRun,
	folderPreset,
	formatsOf,
	type ExportTarget,
	type StoredRun
} from '../../src/run/export-run.ts';
import type { DatasetChoices } from '../../src/run/dataset-service.ts';
import { ArchiveSink } from '../../src/store/archive-sink.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { openArchive, readRunFiles } from '../../src/store/run-files.ts';
import type { RunStore } from '../../src/store/run-store.ts';
import { sound } from '../dataset/check-templates.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { unzipped } from '../store/unzipped.ts';
import { deskConfig, DeskModel, deskService, packText, scenarios } from './desk-run.ts';

vi.setConfig({ testTimeout: 120_000 });

const choices: DatasetChoices = { formats: [...datasetFormats.keys()], curation: trainingCuration };

/** A run of desks in a store; of each scenario as many events as are asked for. */
async function storedRun(seed: number, cut: (total: number) => number = (total) => total) {
	const grown = deskService(new FolderStore(new MemoryFiles()));
	const { id } = await grown.create(deskConfig({ seed }));
	await grown.start(id, { workers: 1 });
	const store = new FolderStore(new MemoryFiles());
	const service = deskService(store);
	const [record] = await grown.list();
	const all = await grown.events(id);
	const events = scenarios.flatMap((scenario) => {
		const its = all.filter((one) => one.scenario === scenario);
		return its.slice(0, cut(its.length));
	});
	const status = events.length < all.length ? 'unfinished' : record!.status;
	await service.import({ ...record!, status }, events, packText);
	return { id, store, service };
}

async function datasetRun(store: RunStore, id: string): Promise<StoredRun> {
	const record = (await store.get(id))!;
	const pack = (await store.pack(record.origin.pack.hash))!;
	return {
		store,
		record,
		pack: async () => pack,
		environment: await loadEnvironment(pack),
		madeBy: { name: 'joshtree', version: '0' },
		scratch: async () => new MemoryScratch()
	};
}

async function exportDataset(
	run: StoredRun,
	some: DatasetChoices,
	target: ExportTarget,
	embedded: TargetModel = { name: 'sound', chatTemplate: sound }
) {
	return exportRun(run, await folderPreset(some, async () => embedded), target);
}

async function folderOf(run: StoredRun, some: DatasetChoices = choices): Promise<Map<string, string>> {
	const sink = new MemorySink();
	await exportDataset(run, some, { sink });
	return new Map(
		await Promise.all(sink.files.map(async ({ name, content }) => [name, await content.text()] as const))
	);
}

async function archiveOf(work: (sink: DatasetSink) => Promise<unknown>): Promise<Blob> {
	const pieces: Uint8Array<ArrayBuffer>[] = [];
	const sink = new ArchiveSink({ write: async (bytes) => void pieces.push(Uint8Array.from(bytes)) });
	await work(sink);
	await sink.finish();
	return new Blob(pieces);
}

test('a dataset folder or archive holds the run, and exported again it is the same', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.nat(),
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.constantFrom('good', 'bad', undefined),
			async (seed, share, rating) => {
				const { id, store, service } = await storedRun(seed, (total) => Math.ceil(total * share));
				await service.rate(id, 'a', rating);
				const run = await datasetRun(store, id);
				const folder = await folderOf(run);
				const archive = await archiveOf((sink) => exportDataset(run, choices, { sink }));
				expect(await unzipped(archive)).toEqual(folder);

				const read = await readRunFiles(await openArchive(archive));
				const again = new FolderStore(new MemoryFiles());
				await deskService(again).import(read.record, (await read.events()).events, read.pack);
				expect(await again.get(id)).toEqual(await store.get(id));
				expect(await again.events(id)).toEqual(await store.events(id));
				expect(await folderOf(await datasetRun(again, id))).toEqual(folder);
			}
		),
		{ numRuns: 12 }
	);
});

test('the folder is described whole and holds what the commands read', async () => {
	const { id, store } = await storedRun(1);
	const folder = await folderOf(await datasetRun(store, id));
	const manifest = JSON.parse(folder.get(runFolder.manifest)!) as { files: { name: string }[] };
	expect([...folder.keys()].filter((path) => path !== runFolder.manifest)).toEqual(
		manifest.files.map(({ name }) => name)
	);
	for (const path of [
		'README.md',
		'axolotl/train_sft.yaml',
		'llamafactory/train_kto.yaml',
		...Object.values(runFolder)
	])
		expect([...folder.keys()]).toContain(path);
	expect([...folder.keys()].filter((path) => path.endsWith('dataset_info.json'))).toHaveLength(1);
	for (const text of folder.values()) expect(text).not.toBe('');
});

test('looking gives the report and writes nothing', async () => {
	const { id, store } = await storedRun(1);
	const run = await datasetRun(store, id);
	const looked = await exportDataset(run, choices, {});
	const written = await exportDataset(run, choices, { sink: new MemorySink() });
	expect(looked).toEqual(written);
	expect(looked.report).toMatchObject({ target: 'sound', refused: 0 });
	expect(looked.report.commands.map(({ trainer }) => trainer)).toContain('Axolotl');
});

test('a target that is chosen decides which rows are written; the one that stands in does not', async () => {
	const { id, store } = await storedRun(1);
	const refusing = "{{ raise_exception('no') }}";
	const run = await datasetRun(store, id);
	const { summary } = await exportDataset(run, choices, {}, { name: 'refusing', chatTemplate: refusing });
	expect(summary.examples.kto.true).toBeGreaterThan(0);
	const target = { kind: 'files', name: 'refusing', files: { 'chat_template.jinja': refusing } } as const;
	const chosen = await exportDataset(run, { ...choices, target }, {});
	expect(chosen.summary.examples).toEqual({ sft: 0, kto: { true: 0, false: 0 }, dpo: 0 });
});

test('scenarios that a fault of the model cut short are told of as lost, with the fault', async () => {
	const store = new FolderStore(new MemoryFiles());
	const service = deskService(store, {
		spawn: async () =>
			new DeskModel({}, ({ tools, messages }) => {
				if (tools.length === 0 && messages.length > 2) throw new ModelFaultError('the engine is gone');
			})
	});
	const { id } = await service.create(deskConfig({ scenarios: ['a', 'b'] }));
	await service.start(id, { workers: 1 });
	expect((await store.get(id))!.status).toBe('finished');
	const { summary, files } = await service.datasets.export(id);
	expect(summary.lost).toEqual(['2 scenarios cut short by a fault: model fault: the engine is gone (a, b)']);
	const manifest = JSON.parse(
		await files.find(({ name }) => name === 'manifest.json')!.content.text()
	) as object;
	expect(manifest).toMatchObject({
		counts: { scenarios: 2, damaged: 0 },
		cutShort: [{ scenario: 'a', reason: 'model fault: the engine is gone' }, { scenario: 'b' }],
		damage: []
	});
});

test('what is lost is in the manifest, and the events that are left can be continued from', async () => {
	const { id, store, service } = await storedRun(27);
	const whole = await service.events(id);
	const files = new MemoryFiles();
	const left = new FolderStore(files);
	await deskService(left).import((await store.get(id))!, whole, packText);
	const path = `runs/${id}/events.jsonl`;
	const lines = files.files.get(path)!.split('\n');
	files.files.set(path, lines.toSpliced(1, 1).join('\n'));

	const damaged = new FolderStore(files);
	const folder = await folderOf(await datasetRun(damaged, id));
	const lost = `${path}: event 1 of scenario c is missing`;
	expect(JSON.parse(folder.get(runFolder.manifest)!)).toMatchObject({
		counts: { scenarios: 4, unfinished: 0, damaged: 1 },
		damage: [lost]
	});
	const bytes = new TextEncoder();
	const again = await readRunFiles(async (name) =>
		folder.has(name) ? ([bytes.encode(folder.get(name))] as unknown as AsyncIterable<Uint8Array>) : undefined
	);
	expect(again.record.status).toBe('unfinished');
	const { events, damage } = await again.events();
	expect(damage).toEqual([]);
	// Of the scenario that lost its second event there is the first.
	expect(events).toEqual(whole.filter(({ scenario, event }) => scenario !== 'c' || event.n === 0));

	const mended = deskService(new FolderStore(new MemoryFiles()));
	await mended.import(again.record, events, packText);
	await mended.start(id, { workers: 1 });
	expect(await mended.events(id)).toEqual(whole);
});

test('an export that is cancelled ends', async () => {
	const { id, store } = await storedRun(1);
	const run = await datasetRun(store, id);
	const stop = new AbortController();
	const work = exportDataset(run, choices, {
		sink: new MemorySink(),
		signal: stop.signal,
		onProgress: () => stop.abort()
	});
	await expect(work).rejects.toMatchObject({ name: 'AbortError' });
});

test('a format that is not there is named', () => {
	expect(() => formatsOf(['trl-sft/1', 'trl-sft/9'])).toThrow(
		'There is no dataset format "trl-sft/9"; there are trl-sft/1,'
	);
});

test('what datasets would read as something else is told of plain files, and declared in a folder', async () => {
	const days = ['2026-01-05', '2026-01-06', '2026-01-07'];
	const pack = JSON.parse(packText) as { scenarios: object[] };
	const text = JSON.stringify({ ...pack, scenarios: days.map((id) => ({ ...pack.scenarios[0], id })) });
	const store = new FolderStore(new MemoryFiles());
	const service = deskService(store, { fetchPack: async () => text });
	const { id } = await service.create(
		deskConfig({ scenarios: days, strategy: { kind: 'josh', beam: 3, maxSteps: 8 } })
	);
	await service.start(id, { workers: 1 });

	const { files, summary } = await service.datasets.export(id);
	expect(summary.columns).toContain(
		'kto.jsonl: meta.scenario looks like a time in every row, so `datasets` reads it as a timestamp.'
	);
	expect(summaryTable(summary)).toContain('kto.jsonl: meta.scenario looks like a time');
	const plain = await files.find(({ name }) => name === 'manifest.json')!.content.text();
	expect(timesIn(plain)).toContainEqual(['kto.jsonl', ['meta.scenario']]);

	const folder = await folderOf(await datasetRun(store, id), {
		formats: ['trl-kto/1', 'hermes-sft/1'],
		curation: { ...trainingCuration, testShare: 0 }
	});
	expect(folder.get('README.md')).toContain('- {name: meta, dtype: json}');
	expect(timesIn(folder.get(runFolder.manifest)!)).toEqual([
		['kto/train-00000-of-00001.jsonl', ['meta.scenario']],
		['hermes/sft.jsonl', ['meta.scenario']]
	]);
});

function timesIn(manifest: string): (readonly [string, readonly string[]])[] {
	const { check } = JSON.parse(manifest) as { readonly check: Pick<CheckReport, 'columns'> };
	return check.columns.map(({ path, times }) => [path, times]);
}

test('what a person rated bad is left out of both, and told', async () => {
	const { id, store, service } = await storedRun(1);
	await service.rate(id, 'e', 'bad');
	const told = expect.stringMatching(/gives? no example: .*rated bad by a person \(e\)/);
	expect((await service.datasets.export(id)).summary.leftOut).toContainEqual(told);
	const outcome = await exportDataset(await datasetRun(store, id), choices, {});
	expect(outcome.summary.leftOut).toContainEqual(told);
	expect(outcome.summary.examples.sft).toBe(0);
	const any = { ...choices, curation: { ...trainingCuration, rating: 'any' } } as const;
	expect((await exportDataset(await datasetRun(store, id), any, {})).summary.examples.sft).toBe(1);
});
