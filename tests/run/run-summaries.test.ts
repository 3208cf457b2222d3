import { describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { trialsIn } from '../../src/cli/evaluate/evaluation.ts';
import { summarize, wordsIn } from '../../src/harvest/search-summary.ts';
import { loadEnvironment } from '../../src/environment/pack-environment.ts';
import type { LocalRunService } from '../../src/run/local-run-service.ts';
import type { SearchQuery } from '../../src/run/run-service.ts';
import { storedSearches } from '../../src/run/stored-searches.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { MemoryFiles } from '../store/memory-files.ts';
import { deskConfig, deskService, packText, phases, scenarios, watched } from './desk-run.ts';
import { MemoryTabs } from './memory-tabs.ts';

const config = deskConfig();
const environment = await loadEnvironment(packText);

async function finishedRun() {
	const files = new MemoryFiles();
	const store = new FolderStore(files);
	const service = deskService(store);
	const { id } = await service.create(config);
	await service.start(id, { workers: 2 });
	return { files, store, service, id, ended: `runs/${id}/ended.jsonl`, events: `runs/${id}/events.jsonl` };
}

const whole = await finishedRun();

async function summariesOf(store: FolderStore, id: string) {
	const { ended, begun } = await store.overview(id);
	expect(begun).toEqual([]);
	return ended;
}

/** The summaries by a second reading of all events. */
async function readAgain(store: FolderStore, id: string) {
	const found = [];
	for await (const search of storedSearches(store, (await store.get(id))!, environment))
		if ('tree' in search)
			found.push({
				scenario: search.scenario.id,
				summary: summarize(search.tree, environment.prompts.agent),
				words: wordsIn(search.tree)
			});
	return found;
}

const namesIn = (found: readonly { readonly scenario: string }[]) => found.map(({ scenario }) => scenario);

describe('summaries of a run', () => {
	it('are written as searches end, and are those of their events', async () => {
		const { store, id } = whole;
		const again = await readAgain(store, id);
		expect(namesIn(again)).toEqual(scenarios);
		expect(await summariesOf(store, id)).toEqual(again.map(({ words: _, ...search }) => search));
		for (const { words } of again)
			for (const word of words.trim().split(' '))
				expect(namesIn(await store.find(id, [` ${word}`]))).toEqual(
					namesIn(again.filter((one) => one.words.includes(` ${word}`)))
				);
	});

	it('are told of after they are stored', async () => {
		const store = new FolderStore(new MemoryFiles());
		const service = deskService(store);
		const { id } = await service.create(config);
		const told: Promise<boolean>[] = [];
		await service.watch(id, (update) => {
			if (update.type !== 'ended') return;
			const { scenario, summary } = update;
			told.push(
				store
					.overview(id)
					.then(({ ended }) =>
						ended.some((one) => one.scenario === scenario && one.summary.events === summary.events)
					)
			);
		});
		await service.start(id, { workers: 2 });
		expect(await Promise.all(told)).toEqual(scenarios.map(() => true));
	});

	it('count what the dataset holds', async () => {
		const { service, id } = whole;
		const { summary } = await service.datasets.export(id);
		const { sft, kto, dpo } = summary.examples;
		const facets = await service.facets(id);
		expect(facets.examples).toEqual({ sft, good: kto.true, bad: kto.false });
		expect(facets.examples.bad).toBe(dpo);
		expect(facets.ended).toBe(scenarios.length);
	});

	it('answer questions without the events', async () => {
		const { service, store, id } = whole;
		const summaries = await summariesOf(store, id);
		const found = async (query: SearchQuery) => namesIn(await service.find(id, query));
		const { outcomes, tools, causes, labels } = await service.facets(id);
		expect(await found({})).toEqual(scenarios);
		for (const [outcome, count] of Object.entries(outcomes))
			expect(await found({ outcome } as SearchQuery)).toHaveLength(count);
		for (const [tool, count] of Object.entries(tools)) expect(await found({ tool })).toHaveLength(count);
		for (const [cause, count] of Object.entries(causes))
			expect(await found({ cause } as SearchQuery)).toHaveLength(count);
		for (const [label, count] of Object.entries(labels))
			expect(await found({ label } as SearchQuery)).toHaveLength(count);
		expect(Object.keys(labels)).toContain('good');
		expect(await found({ error: true })).toEqual(
			namesIn(summaries.filter(({ summary }) => summary.errors.steps > 0))
		);
		await service.rate(id, 'a', 'bad');
		expect(await found({ rating: 'bad' })).toEqual(['a']);
		expect(await found({ rating: 'none' })).toEqual(scenarios.filter((one) => one !== 'a'));
		const before = (await service.facets(id)).examples.sft;
		await service.rate(id, 'a', undefined);
		const isHarvested = summaries.find(({ scenario }) => scenario === 'a')!.summary.none === undefined;
		expect((await service.facets(id)).examples.sft - before).toBe(isHarvested ? 1 : 0);
		// Beginnings of words, whatever their case, in any order.
		expect(await found({ words: 'NUMB how' })).toEqual(scenarios);
		expect(await found({ words: 'nowhere umber' })).toEqual([]);
	});

	it('give a conversation the cause that an evaluation gives it', async () => {
		const store = new FolderStore(new MemoryFiles());
		const service = deskService(store);
		const { id } = await service.create(deskConfig({ strategy: { kind: 'plain', maxTurns: 4 } }));
		await service.start(id, { workers: 2 });
		const rows = await trialsIn((await service.get(id))!, store, environment);
		const causes = (await summariesOf(store, id)).map(({ summary }) => summary.causes);
		expect(causes).toEqual(rows.map(({ row: { cause } }) => (cause === undefined ? [] : [cause])));
		expect(causes.flat().length).toBeGreaterThan(1);
	});

	it('are made once of a run that has none, and how far that has got is told', async () => {
		const { files, id, ended } = await finishedRun();
		const before = files.files.get(ended)!;
		files.files.delete(ended);
		const service = deskService(new FolderStore(files));
		const updates = await watched(service, id);
		expect(phases(updates)).toEqual(['finished']);
		expect(updates.filter(({ type }) => type === 'reading')).toContainEqual({
			type: 'reading',
			done: scenarios.length,
			of: scenarios.length
		});
		const made = files.files.get(ended)!;
		expect(made.split('\n').sort()).toEqual(before.split('\n').sort());
		const again = await watched(deskService(new FolderStore(files)), id);
		expect(again.filter(({ type }) => type === 'reading')).toEqual([]);
		expect(files.files.get(ended)).toBe(made);
	});

	it('are not written by a tab that only looks on', async () => {
		const { files, id, ended } = await finishedRun();
		files.files.delete(ended);
		const tabs = new MemoryTabs();
		await tabs.claim(id);
		const updates = await watched(deskService(new FolderStore(files), { tabs }), id);
		const progress = updates.find((update) => update.type === 'progress')!.progress;
		expect(progress.scenariosDone).toBe(scenarios.length);
		expect(files.files.has(ended)).toBe(false);
	});

	it('are all there however a run was cut off', async () => {
		const { files, id, ended, events } = whole;
		const random = new Random('cut off');
		const lines = files.files.get(events)!;
		const record = `runs/${id}/run.json`;
		const expected = await summariesOf(whole.store, id);
		for (let i = 0; i < 25; i++) {
			const cut = new MemoryFiles();
			for (const [path, text] of files.files) cut.files.set(path, text);
			cut.files.set(record, files.files.get(record)!.replace('"finished"', '"unfinished"'));
			cut.files.set(events, lines.slice(0, random.integer(0, lines.length)));
			const summaries = files.files.get(ended)!;
			cut.files.set(ended, summaries.slice(0, random.integer(0, summaries.length)));
			const store = new FolderStore(cut);
			await deskService(store).start(id, { workers: 3 });
			expect((await store.get(id))?.status).toBe('finished');
			expect(await summariesOf(store, id)).toEqual(expected);
			expect(await summariesOf(new FolderStore(cut), id)).toEqual(expected);
		}
	});

	it('stop the run when they cannot be stored, and are there when it has gone on', async () => {
		const files = new MemoryFiles();
		const store = new FolderStore(files);
		const service: LocalRunService = deskService(store);
		const { id } = await service.create(config);
		files.beforeAppend = (path) => {
			if (path.endsWith('ended.jsonl')) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
		};
		const updates = await watched(service, id);
		await service.start(id, { workers: 2 });
		expect(phases(updates).at(-1)).toBe('failed');
		files.beforeAppend = () => undefined;
		await service.start(id, { workers: 2 });
		expect(phases(updates).at(-1)).toBe('finished');
		expect(await summariesOf(new FolderStore(files), id)).toEqual(await summariesOf(whole.store, whole.id));
	});
});
