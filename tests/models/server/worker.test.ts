import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { expect, it, onTestFinished } from 'vitest';
import { chromiumArgs, ensureChromium } from '../../../scripts/chromium.ts';
import { FakeServer } from './fake-server.ts';

it('runs in a worker of a browser as it runs here', async () => {
	const entry = fileURLToPath(new URL('worker.ts', import.meta.url));
	const built = await build({
		configFile: false,
		logLevel: 'silent',
		build: { write: false, target: 'esnext', lib: { entry, formats: ['es'], fileName: 'worker' } }
	});
	const [{ output }] = built as Rolldown.RolldownOutput[] as [Rolldown.RolldownOutput];
	// One file, and none of Node's modules in it.
	expect(output).toHaveLength(1);
	const { code } = output[0];
	expect(code).not.toMatch(/from ?["']node:/);

	const server = await FakeServer.listen({
		files: { '/': ['text/html', '<!doctype html>'], '/worker.js': ['text/javascript', code] }
	});
	onTestFinished(() => server.close());
	const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumArgs });
	onTestFinished(() => browser.close());
	const page = await browser.newPage();
	await page.goto(server.origin);
	const source = { address: server.origin, model: 'fake', key: 'sk-typed' };
	const result = await page.evaluate(
		(source) =>
			new Promise((resolve) => {
				const worker = new Worker('/worker.js', { type: 'module' });
				worker.onmessage = ({ data }) => resolve(data);
				worker.onerror = ({ message }) => resolve({ error: message });
				worker.postMessage(source);
			}),
		source
	);
	expect(result).toMatchObject({
		identity: { name: 'fake', reproducible: false },
		texts: ['Hello.', 'Hello.']
	});
	expect((result as { pieces: number }).pieces).toBeGreaterThan(0);
	const [asked] = server.asked.filter(({ path }) => path.endsWith('/completions'));
	expect(asked!.headers.authorization).toBe('Bearer sk-typed');
	// Every other header would need the server's leave (CORS).
	expect(Object.keys(asked!.headers).filter((name) => name.startsWith('x-'))).toEqual([]);
}, 120_000);
