import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import demo from '../../src/cli/demo.ts';
import { openBrowser, openPage, serve } from './support/browser.ts';
import { killedDemo, storedLines } from './support/command.ts';
import { pageVariant } from './support/page-variant.ts';
import { createRun, exportedFiles, startRun, statusOf, storedSteps } from './support/runs.ts';
import { temporaryFolder } from './support/temporary.ts';

const model = 'models/embedded.gguf';
const pack = 'packs/travel.json';
const settings = ['--scenarios', '1', '--beam', '2', '--seed', '5', '--workers', '1'];

const half = (content: Buffer) => content.subarray(0, content.length / 2);

test('a corrupt model is told of on the page', async () => {
	const { url } = await serve(await pageVariant(model, half));
	const page = await openPage(await openBrowser(), url);
	await page.getByRole('button', { name: /^start/i }).click();
	await page
		.getByRole('alert')
		.filter({ hasText: /model|gguf/i })
		.waitFor();
});

test('a corrupt model ends the demo with a message and costs nothing of what was harvested', async () => {
	const out = join(await temporaryFolder(), 'out');
	await killedDemo(settings, out);
	const before = await storedLines(out);

	const folder = await pageVariant(model, half);
	vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	await expect(demo([...settings, '--out', out], folder)).rejects.toThrow(/model|gguf/i);
	expect(await storedLines(out)).toBe(before);
});

test('a broken pack ends the demo, and is told of on the page, with the path of what is wrong', async () => {
	const folder = await pageVariant(pack, (content) => {
		const broken = JSON.parse(content.toString()) as { tools: Record<string, unknown>[] };
		delete broken.tools[0]!['name'];
		return JSON.stringify(broken);
	});
	vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	const out = join(await temporaryFolder(), 'out');
	await expect(demo([...settings, '--out', out], folder)).rejects.toThrow(/tools.*0.*name/);

	const { url } = await serve(folder);
	const page = await (await openBrowser()).newPage();
	await page.goto(url);
	await page.getByText(/The page could not start:[^]*tools.*0.*name/).waitFor();
});

test('a full disk quota stops the run with a notice, keeps what is stored, and the run goes on later', async () => {
	const { url } = await serve();
	const profile = await temporaryFolder();
	const choices = { scenarios: 1, beam: 2, seed: 5 };

	// Each time another browser: Chromium remembers for half a minute how much room a database had.
	const roomy = await openBrowser(profile);
	const before = await openPage(roomy, url);
	const id = await createRun(before, choices);
	const paused = startRun(before, id, 1);
	await expect.poll(() => storedSteps(before, id), { timeout: 60_000 }).toBeGreaterThan(1);
	await before.evaluate(() => globalThis.joshtree!.service.pause());
	await paused;
	const steps = await storedSteps(before, id);
	await roomy.close();

	const full = await openBrowser(profile);
	const devtools = await full.newCDPSession(full.pages()[0]!);
	await devtools.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize: 1 });
	const page = await openPage(full, `${url}/#run=${id}`);
	await startRun(page, id, 1);
	await page.getByText(/The run stopped:[^]*no room left/).waitFor();
	expect(await statusOf(page, id)).toBe('unfinished');
	expect(await storedSteps(page, id)).toBe(steps);
	await full.close();

	const after = await openPage(await openBrowser(profile), url);
	await startRun(after, id, 1);
	expect(await statusOf(after, id)).toBe('finished');
	const whole = await createRun(after, choices);
	await startRun(after, whole, 1);
	expect(await exportedFiles(after, id)).toEqual(await exportedFiles(after, whole));
});
