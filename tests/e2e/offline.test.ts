import { expect, test } from 'vitest';
import { openBrowser, openPage, ready, serve } from './support/browser.ts';
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
	const id = await createRun(page, { scenarios: 1, beam: 1, maxSteps: 3 });
	await startRun(page, id, 1);
	expect(await statusOf(page, id)).toBe('finished');
	expect(await storedSteps(page, id)).toBeGreaterThan(1);
});
