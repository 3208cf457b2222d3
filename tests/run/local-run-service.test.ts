import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
	ModelLoadError,
	PromptError,
	type GenerateRequest,
	type Generation
} from '../../src/models/language-model.ts';
import { Semaphore } from '../../src/base/semaphore.ts';
import type { ModelSource, RoleModels } from '../../src/models/source.ts';
import type { RunUpdate } from '../../src/run/run-service.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import {
	datasets,
	deskConfig,
	DeskModel,
	deskService,
	lastReason,
	packText,
	phases,
	scenarios,
	watched
} from './desk-run.ts';
import { MemoryTabs } from './memory-tabs.ts';

const config = deskConfig();
let files: MemoryFiles;
let store: FolderStore;

beforeEach(() => {
	files = new MemoryFiles();
	store = new FolderStore(files);
});

/** What an uninterrupted run with one worker writes, and its event lines in the order of storing. */
async function uninterrupted() {
	const folder = new MemoryFiles();
	const service = deskService(new FolderStore(folder));
	const { id } = await service.create(config);
	await service.start(id, { workers: 1 });
	const path = `runs/${id}/events.jsonl`;
	return { id, folder, path, lines: folder.files.get(path)!, data: await datasets(service, id) };
}

const whole = await uninterrupted();

describe('LocalRunService', () => {
	it('runs a run to its end and writes both kinds of examples', async () => {
		const service = deskService(store);
		const { id } = await service.create(config);
		const updates = await watched(service, id);
		await service.start(id, { workers: 2 });
		expect(phases(updates)).toEqual(['idle', 'loading', 'running', 'finished']);
		expect(updates.slice(0, 2).map(({ type }) => type)).toEqual(['state', 'progress']);
		expect((await service.list())[0]).toMatchObject({ id, status: 'finished' });

		const { summary, files: exported } = await service.datasets.export(id);
		expect(summary.scenarios).toBe(scenarios.length);
		expect(summary.examples.kto.true).toBeGreaterThan(0);
		expect(summary.examples.kto.false).toBeGreaterThan(0);
		expect(summary.tokensPerSecond).toBeGreaterThan(0);
		expect(exported.map(({ name }) => name)).toEqual(
			expect.arrayContaining(['sft.jsonl', 'kto.jsonl', 'dpo.jsonl', 'manifest.json', 'events.jsonl'])
		);

		const progress = updates.findLast((update) => update.type === 'progress')!.progress;
		expect(progress).toMatchObject({
			scenariosTotal: scenarios.length,
			scenariosDone: scenarios.length,
			meanReward: summary.meanReward,
			completionTokens: summary.tokens.completion,
			events: (await service.events(id)).length,
			workers: 2
		});
	});

	it('tells once of what the pack says and the environment does otherwise, and stores it', async () => {
		const pack = JSON.stringify({ ...(JSON.parse(packText) as object), toolsText: 'find_food()' });
		const service = deskService(store);
		const { id } = await service.create(config, undefined, { pack });
		const updates = await watched(service, id);
		const told = () => updates.flatMap((update) => (update.type === 'warning' ? [update.warning] : []));
		let steps = 0;
		const unwatch = await service.watch(id, (update) => {
			if (update.type === 'event' && ++steps === 8) void service.pause();
		});
		await service.start(id, { workers: 1 });
		unwatch();
		expect(phases(updates).at(-1)).toBe('paused');
		expect(told()).toEqual([
			expect.stringMatching(/^the toolsText of the pack "desk" differs from its tools/)
		]);
		// Before the first step.
		const types = updates.map(({ type }) => type);
		expect(types.indexOf('warning')).toBeLessThan(types.indexOf('event'));
		const stored = { [told()[0]!]: 1 };
		expect((await service.get(id)).warnings).toEqual(stored);

		// Another session hears of it when it looks, and not again when it goes on.
		const next = deskService(store);
		const later = await watched(next, id);
		await next.start(id, { workers: 2 });
		expect(phases(later).at(-1)).toBe('finished');
		expect(later.filter(({ type }) => type === 'warning')).toEqual([{ type: 'warning', warning: told()[0] }]);
		expect((await next.get(id)).warnings).toEqual(stored);
		const { files: exported } = await next.datasets.export(id);
		const manifest = await exported.find(({ name }) => name === 'manifest.json')!.content.text();
		expect(JSON.parse(manifest)).toMatchObject({ warnings: stored });
	});

	it('writes the same bytes with three workers as with one', async () => {
		const service = deskService(store);
		const { id } = await service.create(config);
		await service.start(id, { workers: 3 });
		expect(await datasets(service, id)).toEqual(whole.data);
		expect(whole.data['kto.jsonl']).not.toBe('');
	});

	it('searches two scenarios side by side for each worker', async () => {
		const service = deskService(store);
		const { id } = await service.create(config);
		const order: string[] = [];
		await service.watch(id, (update) => void (update.type === 'event' && order.push(update.scenario)));
		await service.start(id, { workers: 1 });
		const [first, second, third] = scenarios.map((scenario) => order.indexOf(scenario));
		expect(second).toBeLessThan(order.lastIndexOf(scenarios[0]!));
		expect(third).toBeGreaterThan(Math.min(...scenarios.slice(0, 2).map((id) => order.lastIndexOf(id))));
		expect(first).toBe(0);
	});

	it('tells of an event when it is stored, of each once and in order', async () => {
		const service = deskService(store);
		const { id } = await service.create(config);
		const path = `runs/${id}/events.jsonl`;
		const next = new Map<string, number>();
		const faults: string[] = [];
		await service.watch(id, (update) => {
			if (update.type !== 'event') return;
			const { scenario, event } = update;
			if (!files.files.get(path)?.includes(`${JSON.stringify({ scenario, event })}\n`))
				faults.push('not stored');
			if (event.n !== (next.get(scenario) ?? 0)) faults.push('out of order');
			next.set(scenario, event.n + 1);
		});
		await service.start(id, { workers: 3 });
		expect(faults).toEqual([]);
		expect([...next.values()].reduce((sum, count) => sum + count)).toBe((await service.events(id)).length);
	});

	it('continues after a crash at any moment to the same end', async () => {
		const ends = [...whole.lines.matchAll(/\n/g)].map(({ index }) => index + 1);
		expect(ends.length).toBeGreaterThan(50);
		// Every event, and now and then the middle of one.
		for (const [index, end] of [0, ...ends].entries()) {
			const cut = index % 7 === 3 ? end - 5 : end;
			const folder = new MemoryFiles();
			for (const [name, text] of whole.folder.files) folder.files.set(name, text);
			folder.files.set(whole.path, whole.lines.slice(0, cut));
			const record = `runs/${whole.id}/run.json`;
			folder.files.set(record, folder.files.get(record)!.replace('"finished"', '"unfinished"'));
			const service = deskService(new FolderStore(folder));
			await service.start(whole.id, { workers: 2 });
			expect((await service.list())[0]!.status).toBe('finished');
			expect((await datasets(service, whole.id))['events.jsonl']).toBe(whole.data['events.jsonl']);
		}
	}, 60_000);

	it('pauses with every told step stored, and goes on to the same end', async () => {
		let pauses = 0;
		const service = deskService(store);
		const { id } = await service.create(config);
		for (let left = true; left;) {
			const updates: RunUpdate[] = [];
			let told = 0;
			const stopAfter = 4 + 6 * pauses;
			await service.watch(id, (update) => {
				updates.push(update);
				if (update.type === 'event' && ++told === stopAfter) void service.pause();
			});
			const before = (await service.events(id)).length;
			await service.start(id, { workers: 2 });
			expect((await service.events(id)).length).toBe(before + told);
			left = phases(updates).at(-1) === 'paused';
			if (left) {
				pauses++;
				expect(phases(updates).slice(-2)).toEqual(['pausing', 'paused']);
			}
		}
		expect(pauses).toBeGreaterThan(2);
		expect(await datasets(service, id)).toEqual(whole.data);
	});

	it('resolves a pause when the run has stopped, even while the model is loading', async () => {
		let load: () => void = () => undefined;
		const model = new DeskModel();
		const dispose = vi.spyOn(model, 'dispose');
		const service = deskService(store, {
			spawn: () => new Promise((resolve) => (load = () => resolve(model)))
		});
		const { id } = await seeded();
		const updates = await watched(service, id);
		const run = service.start(id, { workers: 1 });
		await vi.waitFor(() => expect(phases(updates)).toContain('loading'));
		await new Promise((resolve) => setTimeout(resolve, 20));
		await service.pause();
		await run;
		expect(phases(updates).at(-1)).toBe('paused');
		load();
		await vi.waitFor(() => expect(dispose).toHaveBeenCalled());
	});

	it('stops with the reason when the disk is full, loses nothing, and goes on', async () => {
		const service = deskService(store);
		const { id } = await service.create(config);
		const updates = await watched(service, id);
		let appends = 0;
		files.beforeAppend = () => {
			if (++appends > 6) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
		};
		await service.start(id, { workers: 2 });
		expect(phases(updates).at(-1)).toBe('failed');
		expect(lastReason(updates)).toMatch(/disk is full/);
		const told = updates.filter(({ type }) => type === 'event').length;
		expect(told).toBeGreaterThan(0);
		expect(await service.events(id)).toHaveLength(told);

		files.beforeAppend = () => undefined;
		await service.start(id, { workers: 2 });
		expect(phases(updates).at(-1)).toBe('finished');
		expect(await datasets(service, id)).toEqual(whole.data);
	});

	it('fails with the message of a model that cannot be loaded, and can be started again', async () => {
		const { id } = await seeded();
		let broken = true;
		const service = deskService(store, {
			spawn: async () => {
				if (broken) throw new ModelLoadError('This file is no GGUF. Choose another.');
				return new DeskModel();
			}
		});
		const updates = await watched(service, id);
		await service.start(id, { workers: 2 });
		expect(lastReason(updates)).toBe('This file is no GGUF. Choose another.');
		await expect(service.create(config)).rejects.toThrow('This file is no GGUF');
		// Who looks later is told, too.
		expect(lastReason(await watched(service, id))).toBe('This file is no GGUF. Choose another.');
		broken = false;
		await service.start(id, { workers: 2 });
		expect((await service.list())[0]!.status).toBe('finished');
	});

	it('goes on with a server that has moved, and remembers where to', async () => {
		const at = (address: string) => {
			const source = { engine: 'server', address, model: 'm', settings: { tools: 'compact' } } as ModelSource;
			return { agent: source, user: source };
		};
		const asked: ModelSource[] = [];
		const service = deskService(store, {
			spawn: async (source) => {
				asked.push(source);
				if (JSON.stringify(source).includes('old')) throw new ModelLoadError('The server does not answer.');
				// A server takes many at once.
				const model = new DeskModel();
				const turns = new Semaphore(1);
				return {
					identity: model.identity,
					generate: async (request) => {
						const leave = await turns.acquire(1);
						return model.generate(request).finally(leave);
					},
					dispose: () => model.dispose()
				};
			}
		});
		const { id } = await seeded(at('http://old/v1'));
		const updates = await watched(service, id);
		await service.start(id, { workers: 1 });
		expect(lastReason(updates)).toBe('The server does not answer.');
		await service.start(id, { workers: 1, sources: at('http://new/v1') });
		expect(asked.at(-1)).toMatchObject({ address: 'http://new/v1' });
		expect((await service.list())[0]).toMatchObject({ status: 'finished', sources: at('http://new/v1') });
	});

	it('stops when no engine can be started again, without giving up the scenarios one by one', async () => {
		const { id } = await seeded();
		let engines = 0;
		const service = deskService(store, {
			spawn: async () => {
				if (engines++ > 0) throw new ModelLoadError('The model file is gone.');
				let requests = 0;
				return new DeskModel({}, () => {
					if (++requests > 10) throw Object.assign(new Error('crashed'), { name: 'ModelFaultError' });
				});
			}
		});
		const updates = await watched(service, id);
		await service.start(id, { workers: 1 });
		expect(lastReason(updates)).toMatch(/The model file is gone/);
		expect(updates.filter(({ type }) => type === 'failure')).toEqual([]);
	});

	it('reports a scenario that fails, and goes on with the others', async () => {
		const { id } = await seeded();
		let isBroken = true;
		const opening = { n: 0 };
		const spoil = (request: GenerateRequest) => {
			// The second user to open a conversation cannot.
			if (isBroken && request.tools.length === 0 && request.messages.length === 1 && ++opening.n === 2)
				throw new TypeError('a bug');
		};
		const service = deskService(store, { spawn: async () => new DeskModel({}, spoil) });
		const updates = await watched(service, id);
		await service.start(id, { workers: 1 });
		const failures = updates.filter((update) => update.type === 'failure');
		expect(failures).toEqual([
			{ type: 'failure', scenario: scenarios[1], reason: expect.stringContaining('a bug') }
		]);
		expect(lastReason(updates)).toMatch(/1 of 5 scenarios .*a bug/);
		const { summary } = await service.datasets.export(id);
		expect(summary.scenarios).toBe(scenarios.length - 1);
		isBroken = false;
		await service.start(id, { workers: 1 });
		expect(await datasets(service, id)).toEqual(whole.data);
	});

	it.each([
		[
			'model',
			{ spawn: async () => new DeskModel({ hash: 'e'.repeat(64) }) },
			/agent's model, hash: "d+… then, "e+… now/
		],
		[
			'engine',
			{ spawn: async () => new DeskModel({ settings: { threads: 2 } }) },
			/settings, threads: 1 then, 2 now/
		]
	])('reads and exports, but does not continue a run of another %s', async (_, parts, reason) => {
		const { id } = await seeded();
		await stopEarly(id);
		const { events } = await store.events(id);
		const service = deskService(store, parts);
		const updates = await watched(service, id);
		await service.start(id, { workers: 1 });
		expect(phases(updates).at(-1)).toBe('readonly');
		expect(lastReason(updates)).toMatch(reason);
		expect(await service.events(id)).toEqual(events);
		expect(events.length).toBeGreaterThan(0);
		expect(await service.pack(id)).toBe(packText);
		expect((await service.datasets.export(id)).files).not.toHaveLength(0);
	});

	it('goes on with the environment that is stored with the run, whatever new runs use', async () => {
		const { id } = await seeded();
		await stopEarly(id);
		const service = deskService(store, {
			fetchPack: async () => packText.replace('Restaurant desk', 'Other desk')
		});
		await service.start(id, { workers: 1 });
		expect(await datasets(service, id)).toEqual(whole.data);
		const other = await service.create(config);
		expect(other.origin.pack.hash).not.toBe((await service.get(id)).origin.pack.hash);
	});

	it('ends a conversation that the chat template does not take, goes on, and tells of it', async () => {
		const refuse = ({ messages }: GenerateRequest) => {
			if (messages.length > 5) throw new PromptError('roles must alternate');
		};
		const service = deskService(new FolderStore(new MemoryFiles()), {
			spawn: async () => new DeskModel({}, refuse)
		});
		const { id } = await service.create(deskConfig());
		const updates = await watched(service, id);
		await service.start(id, { workers: 1 });
		expect(phases(updates).at(-1)).toBe('finished');
		const { summary } = await service.datasets.export(id);
		expect(summary).toMatchObject({
			scenarios: 5,
			lost: ['4 scenarios cut short by a fault: chat template: roles must alternate (c, a, e, b)']
		});
	});

	it('tells of a run in which nothing was said', async () => {
		class SilentModel extends DeskModel {
			override async generate(...request: Parameters<DeskModel['generate']>): Promise<Generation> {
				const generation = await super.generate(...request);
				return { ...generation, text: '', message: { role: 'assistant', content: '' } };
			}
		}
		const service = deskService(new FolderStore(new MemoryFiles()), { spawn: async () => new SilentModel() });
		const { id } = await service.create(deskConfig());
		await service.start(id, { workers: 1 });
		expect((await service.datasets.export(id)).summary.lost).toEqual([
			'5 scenarios cut short by a fault: the user said nothing (c, a, e, b, d)'
		]);
	});

	it('keeps the sound scenarios of a run in which one is damaged', async () => {
		const { id } = await seeded();
		await deskService(store).start(id, { workers: 1 });
		const path = `runs/${id}/events.jsonl`;
		// An event of another place in the tree.
		files.files.set(
			path,
			files.files
				.get(path)!
				.replace(
					'{"scenario":"c","event":{"kind":"user","path":""',
					'{"scenario":"c","event":{"kind":"user","path":"LLL"'
				)
		);
		const service = deskService(new FolderStore(files));
		// It has ended, so nothing asks for its events before someone reads them.
		expect(await watched(service, id)).not.toContainEqual(expect.objectContaining({ type: 'failure' }));
		expect(await service.scenario(id, 'c')).toMatchObject({
			events: [],
			damage: [expect.stringContaining('scenario c, event 0')]
		});
		expect((await service.scenario(id, 'a')).damage).toEqual([]);
		const { summary } = await service.datasets.export(id);
		expect(summary.scenarios).toBe(scenarios.length - 1);
		expect(summary.lost.join()).toContain('scenario c, event 0');
	});

	it('runs one run at a time', async () => {
		const service = deskService(store);
		const { id } = await service.create(config);
		const other = await service.create(deskConfig({ seed: 2 }));
		const run = service.start(id, { workers: 1 });
		await expect(service.start(other.id, { workers: 1 })).rejects.toThrow(`${id} is running`);
		await expect(service.delete(id)).rejects.toThrow(/Pause it first/);
		await service.pause();
		await run;
		await service.delete(id);
		expect((await service.list()).map(({ id }) => id)).toEqual([other.id]);
	});

	it('refuses what cannot be run', async () => {
		const service = deskService(store);
		await expect(service.create(deskConfig({ strategy: { kind: 'josh', beam: 0 } }))).rejects.toThrow(
			/strategy\.beam/
		);
		await expect(service.start('nothing', { workers: 1 })).rejects.toThrow(/no run nothing/);
		const { id } = await service.create(config);
		await expect(service.start(id, { workers: 0 })).rejects.toThrow(/workers/);
	});

	it('tries the environment pack again after it could not be had', async () => {
		let offline = true;
		const service = deskService(store, {
			fetchPack: async () => (offline ? '{"format":"joshtree-pack/9"}' : packText)
		});
		await expect(service.environment()).rejects.toThrow(/\$\.format: must be "joshtree-pack\/1"/);
		offline = false;
		expect(await service.environment()).toMatchObject({
			id: 'desk',
			scenarios: { length: scenarios.length }
		});
	});

	it('offers several environments, and a run takes the one it names', async () => {
		const other = packText.replace('Restaurant desk', 'Other desk');
		const service = deskService(store, {
			environments: ['desk', 'other'],
			fetchPack: async (name) => (name === 'desk' ? packText : other)
		});
		expect(await service.environments()).toEqual(['desk', 'other']);
		expect((await service.environment()).title).toBe('Restaurant desk');
		expect((await service.environment('other')).title).toBe('Other desk');
		await expect(service.environment('shop')).rejects.toThrow(/no environment "shop".*desk, other/);
		const { id } = await service.create(config, undefined, { name: 'other' });
		expect(await service.pack(id)).toBe(other);
	});

	it('imports a run with its history and continues it', async () => {
		const elsewhere = new FolderStore(whole.folder);
		const record = { ...(await elsewhere.get(whole.id))!, status: 'unfinished' as const };
		const { events } = await elsewhere.events(whole.id);
		const some = scenarios.flatMap((id) => events.filter(({ scenario }) => scenario === id).slice(0, 4));
		const service = deskService(store);
		await service.import(record, some);
		await service.import(record, some);
		await service.start(record.id, { workers: 2 });
		expect(await datasets(service, record.id)).toEqual(whole.data);

		const other = { ...record, config: deskConfig({ seed: 3 }) };
		await expect(service.import(other, [])).rejects.toThrow(/another run/);
		const strange = { ...record, id: 'strange', origin: { ...record.origin, pack: { id: 'p', hash: 'q' } } };
		await expect(service.import(strange, [])).rejects.toThrow(/pack "p"/);
		await expect(service.import({ ...record, id: '../x' }, [])).rejects.toThrow(/letters, digits/);
	});
});

describe('two tabs', () => {
	it('run one run only once, and the other looks on', async () => {
		const origin = { claims: new Set<string>(), tabs: new Set<MemoryTabs>() };
		// Slow enough that the run still goes on when the other tab has tried everything.
		const spawn = async () => new DeskModel({}, undefined, 20);
		const first = deskService(store, { spawn, tabs: new MemoryTabs(origin) });
		const second = deskService(store, { spawn, tabs: new MemoryTabs(origin) });
		const { id } = await first.create(config);
		const seen = await watched(second, id);
		const own = await watched(first, id);
		const run = first.start(id, { workers: 2 });
		await vi.waitFor(() => expect(seen.some(({ type }) => type === 'event')).toBe(true));
		await second.start(id, { workers: 2 });
		await expect(second.delete(id)).rejects.toThrow(/in another tab/);
		expect(await first.status()).toEqual({ runningHere: id, runningElsewhere: [] });
		expect(await second.status()).toEqual({ runningElsewhere: [id] });
		await run;
		expect(await second.status()).toEqual({ runningElsewhere: [] });
		await vi.waitFor(() => expect(phases(seen).at(-1)).toBe('finished'));
		expect(phases(seen)).toEqual(['idle', 'watching', 'finished']);
		expect(phases(own)).toEqual(['idle', 'loading', 'running', 'finished']);
		expect(seen.filter(({ type }) => type === 'event')).toHaveLength((await store.events(id)).events.length);
	});

	it('are several, until each has enough', async () => {
		const { id } = await seeded();
		const service = deskService(store);
		const told: RunUpdate[][] = [[], []];
		const ends = [];
		for (const updates of told) ends.push(await service.watch(id, (update) => void updates.push(update)));
		ends[0]!();
		const early = told[0]!.length;
		await service.start(id, { workers: 1 });
		expect(phases(told[1]!).at(-1)).toBe('finished');
		expect(told[0]).toHaveLength(early);
	});

	it('notice that the tab that ran it has died', async () => {
		const origin = { claims: new Set<string>(), tabs: new Set<MemoryTabs>() };
		const { id } = await seeded();
		await stopEarly(id);
		origin.claims.add(id);
		const service = deskService(store, { tabs: new MemoryTabs(origin) });
		const updates = await watched(service, id);
		expect(phases(updates)).toEqual(['watching']);
		origin.claims.delete(id);
		await vi.waitFor(() => expect(phases(updates)).toEqual(['watching', 'paused']), 3000);
	});
});

/** A run that another session made. */
async function seeded(sources?: RoleModels<ModelSource>) {
	return deskService(store).create(config, sources);
}

/** Runs a few steps of it. */
async function stopEarly(id: string): Promise<void> {
	const service = deskService(store);
	let told = 0;
	const unwatch = await service.watch(id, (update) => {
		if (update.type === 'event' && ++told === 8) void service.pause();
	});
	await service.start(id, { workers: 1 });
	unwatch();
}
