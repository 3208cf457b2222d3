import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBrowser, openPage, profileWithoutSiteData, ready, serve } from './support/browser.ts';
import { pageVariant } from './support/page-variant.ts';
import { createRun, startRun, statusOf, storedSteps } from './support/runs.ts';

test('after one visit the page reloads without a network and runs a scenario', async () => {
	const served = await serve();
	const context = await openBrowser();
	const page = await openPage(context, served.url);
	// A service worker is active only when it has stored every file of its list.
	await page.evaluate(async () => void (await navigator.serviceWorker.ready));

	await served.close();
	await context.setOffline(true);
	await expect(fetch(served.url)).rejects.toThrow();

	await page.reload();
	await ready(page);
	const id = await createRun(page, {
		scenarios: 1,
		strategy: { kind: 'josh', beam: 1, maxSteps: 3 }
	});
	await startRun(page, id, 1);
	expect(await statusOf(page, id)).toBe('finished');
	expect(await storedSteps(page, id)).toBeGreaterThan(1);
});

test('an update in one tab waits for the run of another, and reloads nobody but its own tab', async () => {
	const worker = 'sw.js';
	const folder = await pageVariant(worker, (script) => script);
	const { url } = await serve(folder);
	const context = await openBrowser();
	const first = await openPage(context, url);
	await first.evaluate(async () => void (await navigator.serviceWorker.ready));
	// From now on pages come from the service worker.
	await first.reload();
	await ready(first);
	const id = await createRun(first, { scenarios: 100 });
	const running = startRun(first, id, 1);
	const second = await openPage(context, url);
	await second.getByText('running in another tab').waitFor();
	for (const page of [first, second]) await page.evaluate(() => void (document.title = 'not reloaded'));

	await appendFile(join(folder, worker), '\n// A newer version.');
	await second.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
	const update = second.getByRole('button', { name: 'Update now' });
	await update.click();
	await second
		.getByText(/would stop what is running: 100 scenarios from train-0001, in another tab/)
		.waitFor();
	const steps = await storedSteps(first, id);
	await expect.poll(() => storedSteps(first, id), { timeout: 60_000 }).toBeGreaterThan(steps + 5);
	expect(await second.title()).toBe('not reloaded');

	await first.evaluate(() => globalThis.joshtree!.service.pause());
	await running;
	await second.getByRole('button', { name: 'Resume' }).waitFor();
	const reloaded = second.waitForEvent('load');
	await update.click();
	await reloaded;
	await first.getByText('Another tab has gone over to a newer version').waitFor();
	expect(await first.title()).toBe('not reloaded');
});

test('where the browser blocks site data, the page says so and works in memory', async () => {
	const { url } = await serve();
	const context = await openBrowser(await profileWithoutSiteData());
	const page = await openPage(context, url);
	await page.getByText(/Nothing is kept. This browser blocks site data for this page/).waitFor();

	await page.getByLabel('How many').fill('1');
	await page.getByLabel('Beam').fill('2');
	await page.getByLabel('Turn limit').fill('3');
	await page.getByRole('button', { name: 'Start with 1 scenario' }).click();
	await page.getByText('finished', { exact: true }).first().waitFor();
	// As in a browser that cannot ask where to save.
	await page.evaluate(() => void Reflect.set(globalThis, 'showSaveFilePicker', undefined));
	for (const name of ['All as a zip', /^Save as one archive/]) {
		const download = page.waitForEvent('download');
		await page.getByRole('button', { name }).click();
		expect((await download).suggestedFilename()).toMatch(/\.zip$/);
	}

	const plain = await createRun(page, { scenarios: 1, strategy: { kind: 'plain' } });
	await startRun(page, plain, 1);
	expect(await statusOf(page, plain)).toBe('finished');

	await page.goto(`${url}/#models`);
	await page.setInputFiles('input[type=file]', 'public/models/embedded.gguf');
	await page.getByRole('alert').filter({ hasText: 'does not let this page keep files' }).waitFor();
});
