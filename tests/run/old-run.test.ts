import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readRunFiles } from '../../src/store/run-files.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import type { ScenarioEvent } from '../../src/store/run-store.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { datasets, DeskModel, deskService, lastReason, phases, watched } from './desk-run.ts';

// A run of the desk that was made, finished and exported before runs had named parts and events said what was earned (event schema 1).
const folder = new URL('../cases/old-runs/desk/', import.meta.url);
const text = (name: string) => readFile(new URL(name, folder), 'utf8');

const files = await Promise.all(
	['sft.jsonl', 'kto.jsonl', 'dpo.jsonl'].map(async (name) => [name, await text(name)] as const)
);

/** As a store of that time holds it. @param keep how many of its steps */
async function oldStore(keep = Infinity): Promise<{ store: FolderStore; id: string; memory: MemoryFiles }> {
	const record = JSON.parse(await text('run.json')) as { id: string; origin: { pack: { hash: string } } };
	const memory = new MemoryFiles();
	const { id } = record;
	const lines = (await text('events.jsonl')).split('\n').slice(0, -1);
	const status = lines.length > keep ? 'unfinished' : 'finished';
	memory.files.set(`runs/${id}/run.json`, JSON.stringify({ ...record, status }));
	memory.files.set(
		`runs/${id}/events.jsonl`,
		lines
			.slice(0, keep)
			.map((line) => `${line}\n`)
			.join('')
	);
	memory.files.set(`packs/${record.origin.pack.hash}.json`, await text('pack.json'));
	return { store: new FolderStore(memory), id, memory };
}

describe('a run of an earlier version', () => {
	it('opens with what was earned, is scored once, and exports the same rows', async () => {
		const { store, id, memory } = await oldStore();
		const service = deskService(store);
		expect(await service.list()).toMatchObject([
			{
				id,
				config: {
					strategy: { kind: 'josh', beam: 3, quirks: 'fixed', fork: 'turn' },
					reward: { kind: 'goal-calls' }
				}
			}
		]);
		expect(await datasets(service, id)).toMatchObject(Object.fromEntries(files));

		const updates = await watched(service, id);
		expect(phases(updates)).toEqual(['finished']);
		const stored = memory.files.get(`runs/${id}/events.jsonl`)!;
		expect(stored).toContain('"earned":[');
		expect((await service.get(id)).origin.eventSchema).toBe(2);
		expect(await datasets(service, id)).toMatchObject(Object.fromEntries(files));
		const { config } = await service.get(id);
		expect((await service.scenario(id, config.scenarios[0]!)).facts).toMatchObject({
			goals: [{ id: 'search' }, { id: 'book' }]
		});
	});

	it('goes on where it was, as if it had never stopped', async () => {
		const { store, id } = await oldStore(30);
		const service = deskService(store);
		const updates = await watched(service, id);
		expect(phases(updates)).toEqual(['paused']);
		await service.start(id, { workers: 2 });
		expect(phases(updates).at(-1)).toBe('finished');
		expect(await datasets(service, id)).toMatchObject(Object.fromEntries(files));
	});

	it('says why it cannot go on, if its model is another', async () => {
		const { store, id } = await oldStore(30);
		const service = deskService(store, { spawn: async () => new DeskModel({ hash: 'e'.repeat(64) }) });
		const updates = await watched(service, id);
		await service.start(id, { workers: 1 });
		expect(phases(updates).at(-1)).toBe('readonly');
		expect(lastReason(updates)).toMatch(/agent's model, hash/);
		expect((await service.datasets.export(id)).files).not.toHaveLength(0);
	});

	it('is brought in from its files, scored', async () => {
		const names: Record<string, string> = { 'run/run.json': 'run.json', 'run/pack.json': 'pack.json' };
		const read = async (path: string) => {
			const content = await text(names[path] ?? path).catch(() => undefined);
			return content === undefined ? undefined : oneOf(new TextEncoder().encode(content));
		};
		const { record, events, pack } = await readRunFiles(read);
		const service = deskService(new FolderStore(new MemoryFiles()));
		await service.import(record, (await events()).events, pack);
		const earned = (await service.events(record.id)).flatMap(
			({ event }: ScenarioEvent) => event.earned ?? []
		);
		expect(earned.length).toBeGreaterThan(0);
		expect(await datasets(service, record.id)).toMatchObject(Object.fromEntries(files));
	});

	it('is read as far as it goes where its events are damaged, and stays as it is', async () => {
		const { store, id, memory } = await oldStore();
		const path = `runs/${id}/events.jsonl`;
		const spoilt = memory.files.get(path)!.replace('"turn":0', '"turn":-1');
		memory.files.set(path, spoilt);
		const service = deskService(store);
		const updates = await watched(service, id);
		expect(updates.some(({ type }) => type === 'failure')).toBe(true);
		expect(memory.files.get(path)).toBe(spoilt);
		expect((await service.datasets.export(id)).summary.lost.join('\n')).toContain('damaged');
	});
});

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}
