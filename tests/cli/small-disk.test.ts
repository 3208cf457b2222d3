import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { mergeShards } from '../../src/cli/merge/merge-shards.ts';
import { intoFolder, NodeScratch } from '../../src/cli/node-dataset.ts';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { asJson } from '../../src/cli/run-details.ts';
import { openRunFolder } from '../../src/cli/run-folder.ts';
import { writePlainFiles } from '../../src/cli/plain-files.ts';
import { shardOf } from '../../src/cli/shards.ts';
import { writeWhole } from '../../src/cli/write-whole.ts';
import { loadEnvironment } from '../../src/environment/pack-environment.ts';
import { trainingCuration } from '../../src/dataset/curation/curation.ts';
import { exportRun, folderPreset, type StoredRun } from '../../src/run/export-run.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { sound } from '../dataset/check-templates.ts';
import { deskConfig, deskService, packText, scenarios } from '../run/desk-run.ts';
import { leaveRoom } from './small-disk.ts';

// Files share their modules; here, all that writes is loaded with this disk, and afterwards without it.
vi.hoisted(() => vi.resetModules());
vi.mock('node:fs/promises', async (original) => {
	const { onSmallDisk } = await import('./small-disk.ts');
	return onSmallDisk(await original());
});
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let run: string;
let service: ReturnType<typeof deskService>;
let id: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'joshtree-disk-'));
	run = join(folder, 'run');
	service = deskService(new FolderStore(new NodeFiles(run)));
	({ id } = await service.create(deskConfig({ seed: 27, scenarios: ['c'] })));
	await service.start(id, { workers: 1 });
});
afterEach(() => leaveRoom(Infinity));
afterAll(async () => {
	await rm(folder, { recursive: true, force: true });
	vi.doUnmock('node:fs/promises');
	vi.resetModules();
});

const at = (name: string) => join(folder, name);

/** All files below a folder, by path; none if there is none. */
async function filesBelow(path: string): Promise<Record<string, string>> {
	const names = await readdir(path, { recursive: true }).catch(() => []);
	const found: Record<string, string> = {};
	for (const name of names.toSorted())
		if (!name.startsWith('.lock') && (await stat(join(path, name))).isFile())
			found[name] = await readFile(join(path, name), 'utf8');
	return found;
}

/**
 * Does `work` on a disk that is full at its first write, then at its second and so on, until it has room enough.
 * @param look at what each failure left
 */
async function atEachWrite(work: () => Promise<unknown>, look: (failure: Error, n: number) => Promise<void>) {
	for (let n = 0; ; n++) {
		leaveRoom(n);
		const failure = await work().then(
			() => undefined,
			(error: Error) => error
		);
		leaveRoom(Infinity);
		if (!failure) return n;
		expect(failure.message).toContain('no space left on device');
		await look(failure, n);
	}
}

test('a dataset is there whole or not at all, and the folder or TMPDIR is named', async () => {
	const [record] = await service.list();
	const made: StoredRun = {
		store: new FolderStore(new NodeFiles(run)),
		record: record!,
		environment: await loadEnvironment(packText),
		pack: async () => packText,
		madeBy: { name: 'joshtree', version: '0' },
		scratch: () => NodeScratch.create()
	};
	const choices = { formats: ['trl-sft/1', 'openai-sft/1'], curation: trainingCuration };
	const embedded = async () => ({ name: 'sound', chatTemplate: sound });
	const write = (out: string) =>
		intoFolder(out, async (sink) => exportRun(made, await folderPreset(choices, embedded), { sink }));
	await write(at('whole'));
	const whole = await filesBelow(at('whole'));
	expect(Object.keys(whole)).toContain('openai/sft.jsonl');

	vi.stubEnv('TMPDIR', at('scratch'));
	await mkdir(at('scratch'));
	await mkdir(at('empty'));
	const named = new Set<string>();
	for (const out of [at('new/dataset'), at('empty')]) {
		await atEachWrite(
			() => write(out),
			async ({ message }) => {
				named.add(
					message.startsWith(at('scratch')) ? 'TMPDIR' : message.startsWith(out) ? 'the folder' : message
				);
				expect(message).toMatch(/Free some space.* run the same command again\.$/);
				expect(await readdir(at('scratch'))).toEqual([]);
				expect(await readdir(out).catch(() => 'gone')).toEqual(out === at('empty') ? [] : 'gone');
			}
		);
		expect(await filesBelow(out)).toEqual(whole);
	}
	vi.unstubAllEnvs();
	expect([...named].sort()).toEqual(['TMPDIR', 'the folder']);
	await expect(readdir(at('new/dataset'))).resolves.not.toContain('.partial');
});

test('a run that was cut off at its start begins again in the same folder', async () => {
	const out = at('start');
	const [record] = await service.list();
	const begin = async () => {
		const { store, record: there } = await openRunFolder(out);
		if (!there) await store.create({ ...record!, id: crypto.randomUUID() }, packText);
	};
	await atEachWrite(begin, async ({ message }) => {
		expect(message).toMatch(/ \/.*joshtree-disk-|^\/.*joshtree-disk-/);
		expect(message).toMatch(/Free some space|Choose another folder/);
	});
	expect((await new FolderStore(new NodeFiles(out)).list()).runs).toHaveLength(1);
});

test.each([
	['nothing', {}],
	['an empty folder for packs', { 'packs/': '' }],
	['empty folders', { 'packs/': '', 'runs/': '', 'runs/a1/': '' }],
	['half a pack', { [`packs/${'a'.repeat(64)}.json`]: '{"for' }],
	['half a pack that is not in its place', { [`packs/${'a'.repeat(64)}.json.partial`]: '{"for' }],
	['half a record', { [`packs/${'a'.repeat(64)}.json`]: '{}', 'runs/a1/run.json.partial': '{"id":' }]
])('%s is what a start may leave; the next one begins there', async (name, files: Record<string, string>) => {
	const out = at(`left ${name}`);
	await put(out, files);
	const { record, store } = await openRunFolder(out);
	expect(record).toBeUndefined();
	const [like] = await service.list();
	await store.create(like!, packText);
	expect(Object.keys(await filesBelow(out)).map((path) => path.split('/')[0])).toEqual(['packs', 'runs']);
});

test.each([
	['a file of the user', { 'notes.txt': 'mine' }, /holds no run\. Nothing was changed/],
	['a pack of the user', { 'packs/travel.json': '{}' }, /holds no run\. Nothing was changed/],
	[
		'an empty record',
		{ 'runs/a1/run.json': '' },
		/runs\/a1\/run\.json is damaged: it is empty\. Restore it.*Nothing was changed/
	],
	[
		'half a record',
		{ 'runs/a1/run.json': '{"id":"a1","cre' },
		/runs\/a1\/run\.json is damaged: it is cut off/
	],
	[
		'events without a record',
		{ 'runs/a1/events.jsonl': '{}\n' },
		/runs\/a1\/run\.json is damaged: it is missing/
	]
])('%s is left alone, and named', async (name, files: Record<string, string>, words) => {
	const out = at(`kept ${name}`);
	await put(out, files);
	await expect(openRunFolder(out)).rejects.toThrow(words);
	expect(await filesBelow(out)).toEqual(files);
});

async function put(out: string, files: Record<string, string>): Promise<void> {
	for (const [path, text] of Object.entries({ '': '', ...files })) {
		await mkdir(join(out, path, path.endsWith('/') || path === '' ? '' : '..'), { recursive: true });
		if (path !== '' && !path.endsWith('/')) await writeFile(join(out, path), text);
	}
}

test('results take their places together: a full disk leaves those of before', async () => {
	const written = async () =>
		writePlainFiles({
			path: run,
			store: new FolderStore(new NodeFiles(run)),
			record: await service.get(id),
			pack: packText,
			environment: await loadEnvironment(packText)
		});
	await written();
	const before = await filesBelow(run);
	await atEachWrite(written, async ({ message }) => {
		expect(message).toMatch(/TMPDIR|joshtree-disk-\w+\/run/);
		expect(await filesBelow(run)).toEqual(before);
	});
});

test('a merge that was cut off goes on with the same command', async () => {
	const paths: string[] = [];
	for (const number of [1, 2]) {
		const path = at(`shard ${number}`);
		const details = { servers: { agent: ['x'], user: ['x'] }, shard: { number, of: 2 } };
		const shard = deskService(new FolderStore(new NodeFiles(path)), { details: asJson(details) });
		const own = await shard.create(deskConfig({ scenarios: shardOf(scenarios, details.shard) }));
		await shard.start(own.id, { workers: 1 });
		paths.push(path);
	}
	await mergeShards(at('merged at once'), paths);
	const out = at('merged');
	const writes = await atEachWrite(
		() => mergeShards(out, paths),
		async ({ message }) => {
			expect(message).toMatch(/(joshtree-disk-|where rows wait).*(Free some space|Choose another folder)/);
		}
	);
	expect(writes).toBeGreaterThan(10);
	const [joined, atOnce] = await Promise.all([filesBelow(out), filesBelow(at('merged at once'))]);
	for (const name of ['sft.jsonl', 'kto.jsonl', 'dpo.jsonl', 'events.jsonl'])
		expect(joined[name]).toBe(atOnce[name]);
	// It is finished now.
	await expect(mergeShards(out, paths)).rejects.toThrow(/holds a run already/);
});

test('a shard that is damaged is named, and nothing is written', async () => {
	const events = join(
		at('shard 1'),
		'runs',
		(await readdir(join(at('shard 1'), 'runs')))[0]!,
		'events.jsonl'
	);
	const text = await readFile(events, 'utf8');
	await writeFile(events, text.split('\n').toSpliced(1, 1).join('\n'));
	await expect(mergeShards(at('not merged'), [at('shard 1'), at('shard 2')])).rejects.toMatchObject({
		name: 'UsageError',
		message: expect.stringMatching(
			/nothing was written\.\n.*shard 1: runs\/.*events\.jsonl: event \d of scenario \w is missing/
		) as unknown
	});
	await expect(readdir(at('not merged'))).rejects.toThrow(/ENOENT/);
});

test('a report is there whole or as it was, and is named', async () => {
	const path = at('report.json');
	await writeWhole([{ path, content: 'before' }]);
	await atEachWrite(
		() => writeWhole([{ path, content: 'after' }]),
		async ({ message }) => {
			expect(message).toMatch(/report\.json cannot be written.*Free some space on its disk/);
			expect(await readFile(path, 'utf8')).toBe('before');
			await expect(stat(`${path}.partial`)).rejects.toThrow(/ENOENT/);
		}
	);
	expect(await readFile(path, 'utf8')).toBe('after');
});
