import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { OutFolder } from '../../src/cli/out-folder.ts';
import { progressOfBoth } from '../../src/run/figures.ts';
import type { RunProgress } from '../../src/run/run-service.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import type { RunRecord, ScenarioEvent } from '../../src/store/run-store.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { datasets, deskConfig, deskService, packText, scenarios, watched } from '../run/desk-run.ts';

const folders: string[] = [];

afterEach(async () => {
	for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'joshtree-out-'));
	folders.push(folder);
	return folder;
}

/** A run of another place, with its events in the order in which they came. */
async function elsewhere() {
	const store = new FolderStore(new MemoryFiles());
	const service = deskService(store);
	const { id } = await service.create(deskConfig());
	const updates = await watched(service, id);
	await service.start(id, { workers: 2 });
	const events = updates.flatMap((update): ScenarioEvent[] => {
		if (update.type !== 'event') return [];
		const { type: _, ...event } = update;
		return [event];
	});
	return { service, store, record: await service.get(id), events };
}

const page = await elsewhere();
const { record } = page;
const unfinished: RunRecord = { ...record, status: 'unfinished' };

/** A folder with the first of these events, opened again. */
async function begunFolder(count: number): Promise<OutFolder> {
	const path = await newFolder();
	const folder = await OutFolder.open(path);
	await folder.begin(unfinished, packText);
	for (const event of page.events.slice(0, count)) folder.append(event);
	await folder.flush();
	return folder;
}

const middle = Math.floor(page.events.length * 0.7);

it('gives the page only the scenarios that have not ended, and these whole', async () => {
	const folder = await begunFolder(middle);
	const rest = (await folder.rest())!;
	const there = page.events.slice(0, middle);
	const { ended } = await page.store.overview(record.id);
	const open = scenarios.filter((id) => {
		const { summary } = ended.find(({ scenario }) => scenario === id)!;
		return there.filter(({ scenario }) => scenario === id).length < summary.events;
	});
	expect(open.length).toBeGreaterThan(0);
	expect(open.length).toBeLessThan(scenarios.length);
	expect(rest.record).toEqual({ ...unfinished, config: { ...record.config, scenarios: open } });
	expect(new Set(rest.events)).toEqual(new Set(there.filter(({ scenario }) => open.includes(scenario))));

	// Another page that gets these goes on to the same events, and tells the rest of the progress.
	const other = deskService(new FolderStore(new MemoryFiles()));
	await other.import(rest.record, rest.events, packText);
	const updates = await watched(other, record.id);
	await other.start(record.id, { workers: 2 });
	for (const scenario of open)
		expect(await other.events(record.id, scenario)).toEqual(await page.service.events(record.id, scenario));
	const progress = updates.findLast((update) => update.type === 'progress')!.progress;
	const whole = (await watched(page.service, record.id)).find(
		(update) => update.type === 'progress'
	)!.progress;
	const figures = ({
		activeMilliseconds: _,
		tokensPerSecond: _speed,
		workers: _workers,
		...rest
	}: RunProgress) => rest;
	const sum = figures(progressOfBoth(rest.before, progress));
	expect(sum).toEqual({ ...figures(whole), meanReward: expect.closeTo(whole.meanReward!, 9) });
});

it('knows what it lacks, and writes the same files as the page when it has all', async () => {
	const folder = await begunFolder(middle);
	const rows = await page.service.rows(record.id);
	const lacking = rows.filter((row) => folder.lacks(row)).map(({ scenario }) => scenario);
	expect(lacking).toEqual((await folder.rest())!.record.config.scenarios);
	await expect(folder.complete(record)).rejects.toThrow(
		/lacks steps of \d scenarios.*Run the same command again/
	);
	for (const scenario of lacking)
		for (const event of await page.service.events(record.id, scenario)) folder.append(event);
	expect(rows.filter((row) => folder.lacks(row))).toEqual([]);
	expect(await folder.complete(record)).toEqual(record);
	expect(folder.steps).toBe(page.events.length);
	expect(await folder.rest()).toBeUndefined();
	const { examples } = await folder.writeResults();
	expect(examples.sft).toBe((await page.service.facets(record.id)).examples.sft);
	for (const [name, text] of Object.entries(await datasets(page.service, record.id)))
		expect(await readFile(join(folder.path, name), 'utf8')).toBe(text);
});

it('keeps time and warnings when the page is lost', async () => {
	const folder = await begunFolder(middle);
	await folder.ran(1_000_000, ['the server ignores seeds']);
	await folder.ran(5, []);
	expect(folder.record).toMatchObject({
		activeMilliseconds: 1_000_000,
		warnings: { 'the server ignores seeds': 1 },
		status: 'unfinished'
	});
});
