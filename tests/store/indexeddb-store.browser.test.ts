import { deleteDB, openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { migrations } from '../../src/store/indexeddb-schema.ts';
import { IndexedDbStore } from '../../src/store/indexeddb-store.ts';
import { describeRunStore } from './run-store-suite.ts';
import { of, packText, sampleRecord, userEvent } from './samples.ts';

const opened: { name: string; store: IndexedDbStore }[] = [];
let count = 0;

function open(name: string): IndexedDbStore {
	const store = new IndexedDbStore(name);
	opened.push({ name, store });
	return store;
}

const newName = () => `joshtree-test-${count++}`;

afterEach(async () => {
	vi.restoreAllMocks();
	const closed = opened.splice(0);
	for (const { store } of closed) await store.close();
	for (const name of new Set(closed.map(({ name }) => name))) await deleteDB(name);
});

describeRunStore('IndexedDB', async () => {
	const name = newName();
	return { open: async () => open(name) };
});

describe('IndexedDbStore', () => {
	it('stores all events of one append or none', async () => {
		const store = open(newName());
		await store.create(sampleRecord('a'), packText);
		await store.append('a', of('first', userEvent(0)));
		await expect(store.append('a', of('first', userEvent(1), userEvent(0, 'Other words')))).rejects.toThrow();
		expect(await store.events('a')).toEqual({ events: of('first', userEvent(0)), damage: [] });
	});

	it('brings events of a database without trials to where they are now', async () => {
		const name = newName();
		const old = new IndexedDbStore(name, migrations.slice(0, 1));
		opened.push({ name, store: old });
		await old.create(sampleRecord('a'), packText);
		await old.create(sampleRecord('b'), packText);
		await old.close();
		const raw = await openDB(name);
		for (const [run, position, scenario] of [
			['a', 0, 'second'],
			['a', 2, 'third'],
			['b', 1, 'first']
		] as const)
			for (const n of [0, 1, 2])
				await raw.put('events', { scenario, event: userEvent(n) }, [run, position, n]);
		raw.close();
		const store = open(name);
		const three = [userEvent(0), userEvent(1), userEvent(2)];
		expect(await store.events('a')).toEqual({
			events: [...of('second', ...three), ...of('third', ...three)],
			damage: []
		});
		expect(await store.events('b')).toEqual({ events: of('first', ...three), damage: [] });
	});

	it('names the event that is damaged, and reads all before it', async () => {
		const name = newName();
		const store = open(name);
		await store.create(sampleRecord('a'), packText);
		await store.append('a', [
			...of('first', userEvent(0), userEvent(1), userEvent(2)),
			...of('second', userEvent(0))
		]);
		const raw = await openDB(name);
		await raw.put('events', { scenario: 'first', event: { ...userEvent(1), messages: [{ role: 'user' }] } }, [
			'a',
			1,
			0,
			1
		]);
		await raw.delete('events', ['a', 0, 0, 0]);
		await raw.put('events', { scenario: 'second', event: userEvent(1) }, ['a', 0, 0, 1]);
		await raw.put('events', { scenario: 'gone', event: userEvent(0) }, ['a', 3, 0, 0]);
		await raw.put('runs', { ...sampleRecord('b'), createdAt: 5 } as never);
		raw.close();
		const damaged = expect.stringMatching(
			/^run a, scenario first, event 1, is damaged at event\.messages\.0/
		);
		const missing = 'run a: event 0 of scenario second is missing';
		const stray = 'run a: 1 events of scenarios that it does not have';
		expect(await store.events('a', 'first')).toEqual({
			events: of('first', userEvent(0)),
			damage: [damaged]
		});
		expect(await store.events('a', 'second')).toEqual({ events: [], damage: [missing] });
		expect(await store.events('a')).toEqual({
			events: of('first', userEvent(0)),
			damage: [stray, missing, damaged]
		});
		expect(await store.strays('a')).toEqual([stray]);
		expect(await store.list()).toEqual({
			runs: [sampleRecord('a')],
			damaged: [{ id: 'b', reason: expect.stringContaining('run b is damaged at createdAt') }]
		});
	});

	it('makes way for a newer version and asks for a reload', async () => {
		const name = newName();
		const store = open(name);
		await store.create(sampleRecord('a'), packText);
		(await openDB(name, migrations.length + 1)).close();
		await expect(store.list()).rejects.toThrow(/newer version of Joshtree. Reload/);
		expect(store.problem).toMatch(/newer version of Joshtree. Reload/);
		await expect(open(name).list()).rejects.toThrow(/newer version of Joshtree. Reload/);
	});

	it('says that the browser took its database away, and goes on with what is left', async () => {
		const name = newName();
		const store = open(name);
		await store.create(sampleRecord('a'), packText);
		expect(store.problem).toBeUndefined();
		await deleteDB(name);
		expect(store.problem).toMatch(/browser closed its database.*reload the page/);
		expect(await store.get('a')).toBeUndefined();
	});

	it('migrates what an older version stored', async () => {
		const name = newName();
		const old = open(name);
		await old.create(sampleRecord('a'), packText);
		const store = new IndexedDbStore(name, [...migrations, () => undefined]);
		opened.push({ name, store });
		expect((await store.list()).runs).toEqual([sampleRecord('a')]);
	});

	it('says that another tab is in the way of a newer version', async () => {
		const name = newName();
		const old = await openDB(name, migrations.length);
		const store = new IndexedDbStore(name, [...migrations, () => undefined]);
		opened.push({ name, store });
		await expect(store.list()).rejects.toThrow(/Close the other tabs/);
		old.close();
	});
});
