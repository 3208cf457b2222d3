import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePage, type ServedPage } from '../../scripts/serve-page.ts';

let folder: string;
let served: ServedPage;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'joshtree-page-'));
	const page = join(folder, 'page');
	await mkdir(join(page, 'assets', 'connected'), { recursive: true });
	await writeFile(join(page, 'index.html'), '<title>The page</title>');
	await writeFile(join(page, 'ten.txt'), '0123456789');
	await writeFile(join(page, 'empty.txt'), '');
	await writeFile(join(page, 'a b%.js'), '1');
	await writeFile(join(page, 'assets', 'connected', 'engine.js'), '2');
	await writeFile(join(folder, 'secret.txt'), 'secret');
	served = await servePage(page, 0);
});
afterAll(async () => {
	await served.close();
	await rm(folder, { recursive: true });
});

interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
}

/** A request target as it stands: `fetch` would mend it. */
function ask(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
	const { port } = new URL(served.url);
	return new Promise((resolve, reject) => {
		const asking = request({ host: 'localhost', port, path: target, method, headers }, (response) => {
			let text = '';
			response.setEncoding('utf8');
			response.on('data', (part: string) => (text += part));
			response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
		});
		asking.on('error', reject).end();
	});
}

describe('a request target', () => {
	it.each([
		['/', 200, '<title>The page</title>'],
		['/?a=//b', 200, '<title>The page</title>'],
		['/ten.txt', 200, '0123456789'],
		['/ten.txt?x=1', 200, '0123456789'],
		['/a%20b%25.js', 200, '1'],
		['/assets/connected/engine.js', 200, '2'],
		['http://localhost/ten.txt', 200, '0123456789'],
		['HTTP://elsewhere.example', 200, '<title>The page</title>'],
		['//', 404, ''],
		['///', 404, ''],
		['//evil', 404, ''],
		['//ten.txt', 404, ''],
		['/./ten.txt', 404, ''],
		['/none', 404, ''],
		['/assets', 404, ''],
		['/assets/', 404, ''],
		['/ten.txt/', 404, ''],
		['/../secret.txt', 404, ''],
		['/%2e%2e/secret.txt', 404, ''],
		['/%2e%2e%2fsecret.txt', 404, ''],
		['/..%5csecret.txt', 404, ''],
		['/assets/../ten.txt', 404, ''],
		['/%00', 400, ''],
		['/%', 400, ''],
		['/%ff', 400, ''],
		['ftp://localhost/ten.txt', 400, '']
	])('%s answers %i', async (target, status, text) => {
		const answer = await ask(target);
		expect([answer.status, answer.text]).toEqual([status, text]);
		expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
	});

	it('gets the policy of the file that it names, however it is spelt', async () => {
		const reach = async (target: string) => (await ask(target)).headers['content-security-policy'];
		expect(await reach('/assets/connected/engine.js')).toContain("connect-src 'self' http: https:");
		expect(await reach('/assets/connected%2fengine.js')).toContain("connect-src 'self' http: https:");
		expect(await reach('/ten.txt')).toContain("connect-src 'self';");
	});
});

describe('a method', () => {
	it.each([
		['HEAD', 200],
		['OPTIONS', 204],
		['POST', 405],
		['DELETE', 405]
	])('%s answers %i, without content', async (method, status) => {
		const { headers, ...answer } = await ask('/ten.txt', {}, method);
		expect(answer).toEqual({ status, text: '' });
		if (method === 'HEAD') expect(headers['content-length']).toBe('10');
		else expect(headers.allow).toBe('GET, HEAD, OPTIONS');
	});

	it('asks for the server itself by *', async () => {
		expect((await ask('*', {}, 'OPTIONS')).status).toBe(204);
	});
});

describe('a range', () => {
	const wholeFile = [200, undefined, '0123456789'];
	const beyond = [416, 'bytes */10', ''];
	it.each([
		['bytes=0-3', [206, 'bytes 0-3/10', '0123']],
		['bytes=7-', [206, 'bytes 7-9/10', '789']],
		['bytes=-3', [206, 'bytes 7-9/10', '789']],
		['bytes=-500', [206, 'bytes 0-9/10', '0123456789']],
		['bytes=5-500', [206, 'bytes 5-9/10', '56789']],
		['bytes=9-9', [206, 'bytes 9-9/10', '9']],
		['Bytes=0-0', [206, 'bytes 0-0/10', '0']],
		['bytes= 1-2 ', [206, 'bytes 1-2/10', '12']],
		['bytes=0-99999999999999999999999', [206, 'bytes 0-9/10', '0123456789']],
		['bytes=10-', beyond],
		['bytes=500-', beyond],
		['bytes=500-600', beyond],
		['bytes=99999999999999999999999-', beyond],
		['bytes=-0', beyond],
		['bytes=3-1', wholeFile],
		['bytes=-', wholeFile],
		['bytes=a-b', wholeFile],
		['bytes=1.5-2', wholeFile],
		['bytes=0-1,3-4', wholeFile],
		['items=0-3', wholeFile],
		['0-3', wholeFile]
	])('%s', async (range, expected) => {
		const { status, headers, text } = await ask('/ten.txt', { range });
		expect([status, headers['content-range'], text]).toEqual(expected);
		expect(headers['content-length'] ?? '0').toBe(String(text.length));
	});

	it('of an empty file is the whole of it, or none', async () => {
		expect(await ask('/empty.txt', { range: 'bytes=-5' })).toMatchObject({ status: 200, text: '' });
		expect(await ask('/empty.txt', { range: 'bytes=0-' })).toMatchObject({ status: 416 });
	});

	it('does not count with HEAD, nor on a condition', async () => {
		expect((await ask('/ten.txt', { range: 'bytes=0-3' }, 'HEAD')).status).toBe(200);
		const etag = (await ask('/ten.txt')).headers.etag!;
		expect(await ask('/ten.txt', { range: 'bytes=0-3', 'if-range': etag })).toMatchObject({
			status: 200,
			text: '0123456789'
		});
	});
});

it('what the client has already is not sent again', async () => {
	const etag = (await ask('/ten.txt')).headers.etag!;
	for (const condition of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*'])
		expect(await ask('/ten.txt', { 'if-none-match': condition })).toMatchObject({ status: 304, text: '' });
	expect(await ask('/ten.txt', { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
});

it('answers under the names of this machine only', async () => {
	for (const host of ['localhost', 'localhost:4173', '127.0.0.1:80', '[::1]:80'])
		expect((await ask('/ten.txt', { host })).status, host).toBe(200);
	for (const host of ['evil.example', 'localhost.evil.example', 'evil.example:4173'])
		expect((await ask('/ten.txt', { host })).status, host).toBe(403);
});
