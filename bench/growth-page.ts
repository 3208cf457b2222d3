import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { chromiumArgs, ensureChromium } from '../scripts/chromium.ts';
import { ensurePage } from '../scripts/page-build.ts';
import { servePage } from '../scripts/serve-page.ts';
import '../src/app/automation-api.ts';
import { loadEnvironment } from '../src/environment/pack-environment.ts';
import type { Pack } from '../src/environment/pack-format.ts';
import { generateTravel } from '../src/environment/travel/travel.ts';
import { originHere } from '../src/run/origin.ts';
import type { SearchEvent } from '../src/search/events.ts';
import type { RunRecord } from '../src/store/run-store.ts';
import { instantIdentity } from './instant-model.ts';
import { livelyConfig, livelySearch } from './lively-run.ts';
import { RendererMemory } from './renderer-memory.ts';

/** Different searches of a run, the longest of so many; the others repeat them under other names. */
const different = 40;
const made = 160;
/** Scenarios that are brought into the page at once. */
const batch = 500;

/** What the page does with a stored run. Times in milliseconds, memory in bytes beyond that before. */
export interface PageGrowth {
	readonly scenarios: number;
	readonly events: number;
	/** Until the run is shown that was made before there were summaries; once. */
	readonly firstOpening: number;
	readonly opening: number;
	readonly openingMemory: number;
	/** Tasks of the main thread of more than 50 ms while it opens. */
	readonly longTasks: readonly number[];
	readonly filter: number;
	/** The words of a search until the list shows what was found, in the page. */
	readonly search: number;
	readonly found: number;
	readonly golden: number;
	readonly dataset: { readonly time: number; readonly memory: number; readonly rows: number } | undefined;
}

/** Stores a run of so many scenarios in the built page, opens it, and asks it what a user asks. */
export async function pageGrowth(
	scenarios: number,
	withDataset: boolean,
	say: (line: string) => void
): Promise<PageGrowth> {
	const served = await servePage(ensurePage(), 0);
	const profile = await mkdtemp(join(tmpdir(), 'joshtree-bench-'));
	const inBrowser = async <Result>(work: (page: Page) => Promise<Result>): Promise<Result> => {
		const context = await chromium.launchPersistentContext(profile, {
			executablePath: ensureChromium(),
			args: chromiumArgs,
			viewport: { width: 1440, height: 900 }
		});
		try {
			const page = await context.newPage();
			page.setDefaultTimeout(0);
			await page.goto(`${served.url}#all`);
			await page.waitForFunction(() => globalThis.joshtree !== undefined);
			await page.evaluate(() => globalThis.joshtree!.ready);
			return await work(page);
		} finally {
			await context.close().catch(() => undefined);
		}
	};
	try {
		say(`storing a run of ${scenarios} scenarios`);
		const { record, events } = await inBrowser((page) => fill(page, scenarios));
		say('opening it for the first time');
		const first = await inBrowser((page) => open(page, record.id));
		say('opening it again');
		return await inBrowser(async (page) => {
			// Nothing of the start is to be measured.
			await page.waitForTimeout(2000);
			const again = await open(page, record.id);
			const asked = await ask(page, record);
			if (withDataset) say('writing its dataset');
			const dataset = withDataset ? await writeDataset(page, record.id) : undefined;
			return {
				scenarios,
				events,
				firstOpening: first.time,
				opening: again.time,
				openingMemory: again.memory,
				longTasks: again.longTasks,
				...asked,
				dataset
			};
		});
	} finally {
		await served.close();
		await rm(profile, { recursive: true, force: true });
	}
}

/** As from a file that someone else's Joshtree wrote: events alone. */
export async function fill(page: Page, count: number): Promise<{ record: RunRecord; events: number }> {
	const { pack } = generateTravel(2, { train: made, val: 0, test: 0 });
	const small = await loadEnvironment(JSON.stringify(pack));
	const all: { scenario: Pack['scenarios'][number]; events: SearchEvent[] }[] = [];
	for (const [index, scenario] of small.scenarios.entries())
		all.push({ scenario: pack.scenarios[index]!, events: await livelySearch(small, scenario) });
	const some = all.sort((a, b) => b.events.length - a.events.length).slice(0, different);
	const searches = some.map(({ events }) => events);
	const ids = Array.from({ length: count }, (_, i) => `train-${String(i + 1).padStart(5, '0')}`);
	const text = JSON.stringify({
		...pack,
		scenarios: ids.map((id, i) => ({ ...some[i % different]!.scenario, id }))
	});
	const environment = await loadEnvironment(text);
	const config = { ...livelyConfig, scenarios: ids };
	const record: RunRecord = {
		id: 'long-run',
		createdAt: '2025-01-01T00:00:00.000Z',
		config,
		origin: originHere(config, environment, { agent: instantIdentity, user: instantIdentity }),
		status: 'finished',
		activeMilliseconds: 1
	};
	await page.evaluate(
		async ({ record, searches, pack, batch }) => {
			const { service, json } = globalThis.joshtree!;
			const run = json.parse(record) as unknown as RunRecord;
			const texts = json.parse(searches) as unknown as string[];
			const { scenarios } = run.config;
			for (let start = 0; start < scenarios.length; start += batch) {
				const some = scenarios.slice(start, start + batch).flatMap((scenario, index) =>
					// Nobody says quite the same twice.
					(
						json.parse(
							texts[(start + index) % texts.length]!.replaceAll('go on with', `go on with ${scenario}`)
						) as unknown as SearchEvent[]
					).map((event) => ({ scenario, event }))
				);
				const isLast = start + batch >= scenarios.length;
				await service.import({ ...run, status: isLast ? 'finished' : 'unfinished' }, some, pack);
			}
		},
		{
			record: JSON.stringify(record),
			searches: JSON.stringify(searches.map((events) => JSON.stringify(events))),
			pack: text,
			batch
		}
	);
	const events = ids.reduce((sum, _, i) => sum + searches[i % different]!.length, 0);
	return { record, events };
}

async function open(page: Page, id: string) {
	const memory = new RendererMemory();
	const before = memory.start();
	const { time, longTasks } = await page.evaluate(async (id) => {
		const longTasks: number[] = [];
		const observer = new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) longTasks.push(entry.duration);
		});
		observer.observe({ type: 'longtask' });
		const began = performance.now();
		location.hash = `run=${id}`;
		while (!document.querySelector('[role=listbox] [role=option]'))
			await new Promise((resolve) => requestAnimationFrame(resolve));
		// Once it is drawn.
		await new Promise((resolve) => requestAnimationFrame(resolve));
		const time = performance.now() - began;
		await new Promise((resolve) => setTimeout(resolve, 500));
		observer.disconnect();
		return { time, longTasks };
	}, id);
	return { time, longTasks, memory: memory.stop() - before };
}

async function ask(page: Page, { id, config }: RunRecord) {
	const scenario = config.scenarios.at(-1)!;
	const golden = await page.evaluate(
		async ({ id, scenario }) => {
			const began = performance.now();
			await globalThis.joshtree!.service.goldenConversation(id, scenario);
			return performance.now() - began;
		},
		{ id, scenario }
	);
	const filter = await page.evaluate(async (id) => {
		const began = performance.now();
		await globalThis.joshtree!.service.find(id, { outcome: 'passed' });
		return performance.now() - began;
	}, id);
	const { search, found } = await page.evaluate(async () => {
		const input = document.querySelector<HTMLInputElement>('input[type=search]')!;
		const title = document.querySelector('#scenarios-title')!;
		const began = performance.now();
		input.value = 'expensive north';
		input.dispatchEvent(new InputEvent('input', { bubbles: true }));
		for (;;) {
			const [, some] = /([\d,]+) of/.exec(title.textContent ?? '') ?? [];
			if (some !== undefined)
				return { search: performance.now() - began, found: Number(some.replaceAll(',', '')) };
			await new Promise((resolve) => requestAnimationFrame(resolve));
		}
	});
	return { golden, filter, search, found };
}

async function writeDataset(page: Page, id: string) {
	const memory = new RendererMemory();
	const before = memory.start();
	const { time, rows } = await page.evaluate(async (id) => {
		const began = performance.now();
		const { archive, summary } = await globalThis.joshtree!.service.datasets.exportArchive(id);
		const time = performance.now() - began;
		if (archive.size === 0) throw new Error('the archive is empty');
		const { sft, kto, dpo } = summary.examples;
		return { time, rows: sft + kto.true + kto.false + dpo };
	}, id);
	return { time, rows, memory: memory.stop() - before };
}
