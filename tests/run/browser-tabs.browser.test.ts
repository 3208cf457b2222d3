import { wrap } from 'comlink';
import { deleteDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BrowserTabs } from '../../src/run/browser-tabs.ts';
import type { RunService } from '../../src/run/run-service.ts';
import { IndexedDbStore } from '../../src/store/indexeddb-store.ts';
import { datasets, deskConfig, DeskModel, deskService, phases, watched } from './desk-run.ts';

const stores: IndexedDbStore[] = [];
let name = '';

/** A service with a store and tabs of its own, as another tab has. */
function newTab() {
	const store = new IndexedDbStore(name);
	stores.push(store);
	const spawn = async () => new DeskModel({}, undefined, 5);
	return { store, service: deskService(store, { spawn, tabs: new BrowserTabs(name) }) };
}

afterEach(async () => {
	for (const store of stores.splice(0)) await store.close();
	await deleteDB(name);
});

describe('two tabs of a browser', () => {
	it('give the right to write a run to one of them at a time', async () => {
		name = 'joshtree-tabs-0';
		const [first, second] = [new BrowserTabs(name), new BrowserTabs(name)];
		const release = await first.claim('a');
		expect(await second.claim('a')).toBeUndefined();
		expect(await first.claim('a')).toBeUndefined();
		expect(await second.claimed()).toEqual(new Set(['a']));
		release!();
		await vi.waitFor(async () => expect(await first.claimed()).toEqual(new Set()));
		(await second.claim('a'))!();
	});

	it('run a run in one and look on in the other, which can go on with it', async () => {
		name = 'joshtree-tabs-1';
		const [first, second] = [newTab(), newTab()];
		const { id } = await first.service.create(deskConfig());
		const seen = await watched(second.service, id);
		let told = 0;
		await first.service.watch(id, (update) => {
			if (update.type === 'event' && ++told === 10) void first.service.pause();
		});
		const run = first.service.start(id, { workers: 2 });
		await vi.waitFor(() => expect(phases(seen)).toContain('watching'));
		await second.service.start(id, { workers: 2 });
		await run;
		await vi.waitFor(() => expect(phases(seen).at(-1)).toBe('paused'));
		// The other tab may see that the run is free before the last words about it arrive.
		const { events: stored } = await first.store.events(id);
		await vi.waitFor(() => expect(seen.filter(({ type }) => type === 'event').length).toBe(stored.length));

		await second.service.start(id, { workers: 3 });
		expect(phases(seen).at(-1)).toBe('finished');
		expect((await second.service.list())[0]!.status).toBe('finished');

		const alone = await first.service.create(deskConfig());
		await first.service.start(alone.id, { workers: 1 });
		expect(await datasets(first.service, alone.id)).toEqual(await datasets(second.service, id));
	});
});

describe('the worker that conducts runs', () => {
	it('answers through comlink with the environment of its own origin', async () => {
		name = 'joshtree';
		const worker = new Worker(new URL('../../workers/run.worker.ts', import.meta.url), { type: 'module' });
		const service = wrap<RunService>(worker);
		const environment = await service.environment();
		expect(environment.id).toBe('travel');
		expect(environment.scenarios.length).toBeGreaterThan(2000);
		expect(await service.list()).toEqual([]);
		await expect(service.start('nothing', { workers: 1 })).rejects.toThrow(/no run nothing/);
		worker.terminate();
	});
});
