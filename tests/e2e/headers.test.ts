import { readdir } from 'node:fs/promises';
import { relative, join } from 'node:path';
import { expect, test } from 'vitest';
import { pageFolder } from '../../scripts/page-build.ts';
import { openBrowser, openPage, serve } from './support/browser.ts';
import { createRun, startRun, statusOf } from './support/runs.ts';

const policy = {
	'default-src': ["'self'"],
	'script-src': ["'self'", "'wasm-unsafe-eval'"],
	'style-src': ["'self'"],
	'img-src': ["'self'", 'data:'],
	'connect-src': ["'self'"],
	'worker-src': ["'self'", 'blob:'],
	'object-src': ["'none'"],
	'base-uri': ["'none'"],
	'form-action': ["'none'"],
	'frame-ancestors': ["'none'"]
};

/** Of the workers that hold an engine which downloads or asks a server. */
const connectedPolicy = { ...policy, 'connect-src': ["'self'", 'http:', 'https:'] };

function directives(header: string | null | undefined): Record<string, string[]> {
	const parts = (header ?? '').split(';').map((part) => part.trim().split(/\s+/));
	return Object.fromEntries(parts.map(([name = '', ...values]) => [name, values]));
}

test('every file, and what is not there, comes with the policy and isolation', async () => {
	const { url } = await serve();
	const entries = await readdir(pageFolder, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile())
		.map((entry) => relative(pageFolder, join(entry.parentPath, entry.name)));
	expect(files).toContainEqual(expect.stringMatching(/worker.*\.js$/));
	expect(files.filter((file) => file.startsWith('assets/connected/'))).toHaveLength(3);

	for (const path of ['', ...files, 'models/none.gguf', 'none']) {
		const response = await fetch(`${url}/${path}`);
		await response.body?.cancel();
		expect(response.status, path).toBe(path.includes('none') ? 404 : 200);
		expect(directives(response.headers.get('content-security-policy')), path).toEqual(
			path.startsWith('assets/connected/') ? connectedPolicy : policy
		);
		expect(response.headers.get('cross-origin-embedder-policy'), path).toBe('require-corp');
		expect(response.headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
	}
});

test('the page that opens by itself leads to no script that may leave the origin; the other one does', async () => {
	const { url } = await serve();
	const connected = /\/assets\/connected\//;
	expect(await scriptsFrom(`${url}/`)).not.toContainEqual(expect.stringMatching(connected));
	const others = await scriptsFrom(`${url}/connected.html`);
	expect(others.filter((address) => connected.test(address))).toHaveLength(3);
});

/** All scripts that are named in a page, or in a script that is; the service worker, which lists whatever it keeps, starts none. */
async function scriptsFrom(page: string): Promise<string[]> {
	const found = new Set([page]);
	for (const address of found) {
		const response = await fetch(address);
		const text = response.ok ? await response.text() : '';
		for (const [, path] of text.matchAll(/["'`]((?:\.{0,2}\/)?[\w./-]+\.js)["'`]/g)) {
			const next = new URL(path!, path!.startsWith('assets/') ? page : address).href;
			if (next.startsWith(new URL(page).origin) && !next.endsWith('/sw.js')) found.add(next);
		}
	}
	return [...found];
}

test('a run works under the policy, without a breach, and workers obey it', async () => {
	const { url } = await serve();
	const context = await openBrowser();
	const without: string[] = [];
	const complaints: string[] = [];
	context.on('response', (response) => {
		const isFile = response.url().startsWith('http');
		if (isFile && !response.headers()['content-security-policy']) without.push(response.url());
	});
	context.on('console', (message) => complaints.push(message.text()));
	context.on('weberror', (error) => complaints.push(error.error().message));

	const page = await openPage(context, url);
	const id = await createRun(page, {
		scenarios: 1,
		strategy: { kind: 'josh', beam: 1, maxSteps: 2 }
	});
	const run = startRun(page, id, 1);
	await expect.poll(() => page.workers().length, { timeout: 30_000 }).toBeGreaterThan(0);
	const evaluating = await Promise.all([page, ...page.workers()].map(evaluatesText));
	await run;
	expect(new Set(evaluating)).toEqual(new Set([false]));

	expect(await statusOf(page, id)).toBe('finished');
	expect(without).toEqual([]);
	const breaches = complaints.filter((text) => /content security policy|violates/i.test(text));
	// Those of the question itself.
	expect(breaches.filter((text) => !text.includes('unsafe-eval'))).toEqual([]);
});

/** Whether text can be made into code there, as it cannot under the policy. */
function evaluatesText(realm: {
	evaluate(work: () => Promise<boolean>): Promise<boolean>;
}): Promise<boolean> {
	return realm.evaluate(
		() =>
			new Promise((resolve) =>
				// Later, for what DevTools itself calls is excepted from the policy.
				setTimeout(() => {
					try {
						resolve(new Function('return true')() as boolean);
					} catch {
						resolve(false);
					}
				})
			)
	);
}
