import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeFiles } from '../src/cli/node-files.ts';
import { loadEnvironment } from '../src/environment/pack-environment.ts';
import { defaultWorkers } from '../src/run/config.ts';
import { FolderStore } from '../src/store/folder-store.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { storeSpeed, type StoreSpeed } from './store-speed.ts';
import { observe, withWorkbench } from './workbench-browser.ts';

/** How many times as fast as the model makes events they have to be stored. */
const required = 10;
/** Milliseconds. */
const reopenLimit = 2000;

/** Writing as safely as a run does, and opening a long run again; in the browser's database and in a folder. */
export const storeBenchmark: Benchmark = {
	name: 'store',
	async run({ quick, say }) {
		const size = quick ? { events: 2000, writes: 50 } : { events: 50_000, writes: 300 };
		const workers = defaultWorkers(cpus().length);
		say('the browser: how many events the model makes, and how many its database takes');
		const { produced, indexedDb } = await withWorkbench(async (page) => {
			const seen = await observe(page, {
				scenarios: 20 * workers,
				beam: 8,
				seed: 1,
				workers,
				pauseAfter: quick ? 10_000 : 30_000
			});
			const indexedDb = await page.evaluate((size) => globalThis.workbench!.store(size), size);
			return { produced: seen.events / (seen.duration / 1000), indexedDb };
		});
		say('the folder');
		const folder = await folderSpeed(size);
		return {
			figures: [
				{ name: `the embedded model, ${workers} workers`, value: produced, unit: 'events/s' },
				...figuresOf('IndexedDB', indexedDb, produced),
				...figuresOf('folder', folder, produced)
			],
			notes: [`${indexedDb.events} events; strict durability in the browser, fdatasync in the folder`]
		};
	}
};

async function folderSpeed(size: { readonly events: number; readonly writes: number }): Promise<StoreSpeed> {
	// Not in the system's temporary folder, which may be memory.
	const folder = await mkdtemp(fileURLToPath(new URL('../node_modules/.joshtree-bench-', import.meta.url)));
	try {
		const pack = await readFile(new URL('../public/packs/travel.json', import.meta.url), 'utf8');
		const open = async () => new FolderStore(new NodeFiles(join(folder, 'store')));
		return await storeSpeed(open, await loadEnvironment(pack), pack, size);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

function figuresOf(where: string, speed: StoreSpeed, produced: number): Figure[] {
	return [
		{
			name: `${where}, one by one, over the model`,
			value: speed.oneByOne / produced,
			unit: 'times',
			target: { atLeast: required }
		},
		{ name: '  one by one', value: speed.oneByOne, unit: 'events/s' },
		{ name: '  by eight', value: speed.byEight, unit: 'events/s' },
		{ name: `${where}, reopened`, value: speed.reopen, unit: 'ms', target: { atMost: reopenLimit } },
		{ name: '  reopened and folded', value: speed.standing, unit: 'ms', target: { atMost: reopenLimit } }
	];
}
