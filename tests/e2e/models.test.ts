import { chromium, type Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { chromiumArgs } from '../../scripts/chromium.ts';
import type { RunService } from '../../src/run/run-service.ts';
import { FakeServer } from '../models/server/fake-server.ts';
import { openBrowser, openPage, serve } from './support/browser.ts';
import { RecordingProxy } from './support/recording-proxy.ts';
import { statusOf } from './support/runs.ts';
import { temporaryFolder } from './support/temporary.ts';

const use = (page: Page, name: string, what: string) =>
	page
		.getByRole('group', { name: `Use ${name}`, exact: true })
		.getByRole('button', { name: what })
		.click();

/** Runs one small scenario from the form, as a user would; returns the run's record when it is finished. */
async function runOne(page: Page) {
	await page.getByRole('link', { name: '← Runs' }).click();
	await page.getByLabel('How many').fill('1');
	await page.getByLabel('Beam').fill('1');
	await page.getByLabel('Turn limit').fill('2');
	await page.getByRole('button', { name: 'Start with 1 scenario' }).click();
	await page.waitForURL(/#run=/);
	const id = page.url().split('#run=')[1]!;
	await expect.poll(() => statusOf(page, id), { timeout: 60_000 }).toBe('finished');
	const runs = await page.evaluate(() => globalThis.joshtree!.service.list());
	return runs.find((run) => run.id === id)!;
}

test('the trained model talks to the embedded user, and the record tells the two apart', async () => {
	const { url } = await serve();
	const page = await openPage(await openBrowser(), `${url}/#models`);
	await use(page, 'Embedded model, trained', 'as agent');
	const { origin, sources } = await runOne(page);
	expect(sources).toEqual({
		agent: { engine: 'shipped', model: 'embedded-josh' },
		user: { engine: 'shipped', model: 'embedded' }
	});
	expect(origin.agentModel.hash).not.toBe(origin.userModel.hash);
});

test('a file of the user runs, and goes on after the browser was closed', async () => {
	const { url } = await serve();
	const profile = await temporaryFolder();
	const before = await openBrowser(profile);
	const page = await openPage(before, `${url}/#models`);
	await page.setInputFiles('input[type=file]', 'public/models/embedded.gguf');
	await page.getByRole('button', { name: 'Delete Joshtree travel' }).waitFor();
	await page.getByText('Settings', { exact: true }).click();
	await page.getByLabel('Tools are told').selectOption('in a few words');
	await use(page, 'Joshtree travel', 'Use for both');
	await page.getByRole('link', { name: '← Runs' }).click();
	await page.getByLabel('How many').fill('1');
	await page.getByRole('button', { name: 'Start with 1 scenario' }).click();
	await page.waitForURL(/#run=/);
	const id = page.url().split('#run=')[1]!;
	const steps = (one: Page) =>
		one.evaluate(async (id) => (await globalThis.joshtree!.service.events(id)).length, id);
	await expect.poll(() => steps(page), { timeout: 60_000 }).toBeGreaterThan(3);
	await before.close();

	const again = await openPage(await openBrowser(profile), `${url}/#run=${id}`);
	const had = await steps(again);
	await again.getByRole('button', { name: 'Resume' }).click();
	await expect.poll(() => statusOf(again, id), { timeout: 120_000 }).toBe('finished');
	expect(await steps(again)).toBeGreaterThan(had);
});

test('a server plays both roles on the connected page, and nobody else is asked; the other page refuses it', async () => {
	const server = await FakeServer.listen({
		cors: true,
		reply: ({ tools }) => ({
			content: tools ? 'Which day?' : 'On monday, please.',
			usage: { prompt_tokens: 9, completion_tokens: 4 }
		})
	});
	onTestFinished(() => server.close());
	const proxy = await RecordingProxy.listen();
	onTestFinished(() => proxy.close());
	const { url } = await serve();
	const context = await chromium.launchPersistentContext('', {
		executablePath: await proxy.chromium(await temporaryFolder()),
		args: [...chromiumArgs]
	});
	onTestFinished(() => context.close());
	const page = await openPage(context, `${url}/connected.html#models`);
	const origin = `http://localhost:${server.port}`;
	await page.getByPlaceholder('http://localhost:8000/v1').fill(origin);
	await page.getByPlaceholder('as the server calls it').fill('fake');
	await page.getByPlaceholder('if the server wants one').fill('secret-key');
	await page.getByRole('button', { name: 'Check' }).click();
	await page.getByText('The server is there and has the model.').waitFor();
	await use(page, 'the model on the server', 'Use for both');
	const record = await runOne(page);
	expect(record.sources!.agent).toMatchObject({ engine: 'server', address: `${origin}/v1` });
	expect(record.origin.agentModel.reproducible).toBe(false);
	expect(JSON.stringify(record)).not.toContain('secret-key');
	expect(server.asked.every(({ headers }) => headers.authorization === 'Bearer secret-key')).toBe(true);
	expect(proxy.hosts).toEqual(new Set([new URL(url).host, new URL(origin).host]));

	const asked = server.asked.length;
	const other = await openPage(context, `${url}/`);
	const asking = JSON.stringify([record.config, record.sources]);
	const refusal = await other.evaluate((asking) => {
		const [config, sources] = JSON.parse(asking) as Parameters<RunService['create']>;
		return globalThis.joshtree!.service.create(config, sources).then(
			() => '',
			(error: Error) => error.message
		);
	}, asking);
	expect(refusal).toMatch(/connected\.html/);
	expect(server.asked).toHaveLength(asked);
});
