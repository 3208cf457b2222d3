import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import demo from '../../src/cli/demo/demo.ts';
import { openBrowser, openPage, serve } from './support/browser.ts';
import { half, pageVariant } from './support/page-variant.ts';
import { temporaryFolder } from './support/temporary.ts';

test('a corrupt model is told of on the page', async () => {
	const { url } = await serve(await pageVariant('models/embedded.gguf', half));
	const page = await openPage(await openBrowser(), url);
	await page.getByRole('button', { name: /^start/i }).click();
	await page
		.getByRole('alert')
		.filter({ hasText: /model|gguf/i })
		.waitFor();
});

test('a broken pack ends the demo, and is told of on the page, with the path of what is wrong', async () => {
	const folder = await pageVariant('packs/travel.json', (content) => {
		const broken = JSON.parse(content.toString()) as { tools: Record<string, unknown>[] };
		delete broken.tools[0]!['name'];
		return JSON.stringify(broken);
	});
	vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	const out = join(await temporaryFolder(), 'out');
	await expect(demo(['--scenarios', '1', '--out', out], folder)).rejects.toThrow(/tools.*0.*name/);

	const { url } = await serve(folder);
	const page = await (await openBrowser()).newPage();
	await page.goto(url);
	await page.getByText(/The page could not start:[^]*tools.*0.*name/).waitFor();
});
