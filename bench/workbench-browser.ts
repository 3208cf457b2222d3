import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { build } from 'vite';
import { chromiumArgs, ensureChromium } from '../scripts/chromium.ts';
import { servePage } from '../scripts/serve-page.ts';
import type { Observation, Workload } from './page/workbench.ts';

/**
 * Does `work` in headless Chromium with the workbench page: the app's run service and engines, and someone who takes notes.
 * @param work may ask for a new browser with the same stored data, in which nothing is left of what was done before
 */
export async function withWorkbench<Result>(
	work: (page: Page, restart: () => Promise<Page>) => Promise<Result>
): Promise<Result> {
	const folder = await mkdtemp(join(tmpdir(), 'joshtree-bench-'));
	const root = fileURLToPath(new URL('page/', import.meta.url));
	await build({
		root,
		configFile: false,
		logLevel: 'error',
		mode: 'production',
		publicDir: fileURLToPath(new URL('../public/', import.meta.url)),
		worker: { format: 'es' },
		build: { target: 'esnext', outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 2000 }
	});
	const served = await servePage(folder, 0);
	const profile = await mkdtemp(join(tmpdir(), 'joshtree-bench-'));
	let context: BrowserContext | undefined;
	const open = async () => {
		await context?.close();
		context = await chromium.launchPersistentContext(profile, {
			executablePath: ensureChromium(),
			args: chromiumArgs
		});
		const page = await context.newPage();
		await page.goto(served.url);
		await page.waitForFunction(() => globalThis.workbench !== undefined);
		return page;
	};
	try {
		return await work(await open(), open);
	} finally {
		await context?.close().catch(() => undefined);
		await served.close();
		await rm(folder, { recursive: true, force: true });
		await rm(profile, { recursive: true, force: true });
	}
}

export function observe(page: Page, workload: Workload): Promise<Observation> {
	return page.evaluate((workload) => globalThis.workbench!.run(workload), workload);
}
