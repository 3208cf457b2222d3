/**
 * Runs the real web-llm in headless Chromium on a software WebGPU adapter, with random weights, through WebLlmModel in its
 * worker. Proves paths, never quality or speed. README.md beside this file says what it needs and what it showed.
 */
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createServer, type Plugin } from 'vite';
import { chromiumArgs, ensureChromium } from '../../../scripts/chromium.ts';
import type { LiveOrder } from './page.ts';
import { readMetadata, writeRandomModel } from './random-model.ts';

const { values } = parseArgs({
	options: {
		library: { type: 'string' },
		'web-llm': { type: 'string', default: 'node_modules/@mlc-ai/web-llm' },
		parking: { type: 'string', default: 'branches' },
		minutes: { type: 'string', default: '60' }
	}
});
if (!values.library) throw new Error('Name a compiled library: --library FILE.wasm (see README.md).');
const library = resolve(values.library);
const order: LiveOrder = { parking: values.parking === 'none' ? 'none' : 'branches' };

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'webllm-live-'));
const model = join(folder, 'random-q4f32_1');

/** Serves the page, the model and the library. */
const files: Plugin = {
	name: 'live-files',
	configureServer: ({ middlewares }) => {
		middlewares.use((request, response, next) => {
			const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
			if (path === '/') {
				response.setHeader('Content-Type', 'text/html');
				response.end('<!doctype html><script type="module" src="/tests/live/webllm/page.ts"></script>');
				return;
			}
			const file =
				path === '/library.wasm' ? library : path.startsWith('/models/') && join(folder, path.slice(8));
			if (!file) return next();
			if (!existsSync(file) || !statSync(file).isFile()) {
				response.statusCode = 404;
				response.end();
				return;
			}
			response.setHeader('Content-Length', statSync(file).size);
			createReadStream(file).pipe(response);
		});
	}
};

const server = await createServer({
	configFile: false,
	root,
	cacheDir: join(folder, 'vite'),
	logLevel: 'error',
	plugins: [files],
	worker: { format: 'es' },
	resolve: { alias: { '@mlc-ai/web-llm': resolve(values['web-llm'], 'lib/index.js') } },
	optimizeDeps: { noDiscovery: true, include: ['comlink'] },
	server: { port: 0, hmr: false, fs: { strict: false } }
});
try {
	writeRandomModel(model, readMetadata(library), { contextTokens: 64, words: [] });
	await server.listen();
	const address = server.resolvedUrls!.local[0]!;
	const browser = await chromium.launch({
		executablePath: ensureChromium(),
		args: [
			...chromiumArgs,
			'--enable-unsafe-webgpu',
			'--use-webgpu-adapter=swiftshader',
			'--enable-features=Vulkan'
		]
	});
	try {
		const page = await browser.newPage();
		page.on('console', (message) => console.log(message.text()));
		page.on('pageerror', (error) => console.log('page error', error.message));
		await page.goto(address);
		await page.waitForFunction(() => typeof window.live === 'function', undefined, { timeout: 60_000 });
		const minutes = Number(values.minutes);
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`Not done after ${minutes} minutes.`)), minutes * 60_000);
		});
		await Promise.race([page.evaluate((given) => window.live(given), order), late]);
		clearTimeout(timer);
	} finally {
		await browser.close();
	}
} finally {
	await server.close();
	rmSync(folder, { recursive: true, force: true });
}
