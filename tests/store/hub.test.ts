import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { uploadToHub } from '../../src/store/hub.ts';

/** The part of the Hub that an upload talks to. Files ending in `.jsonl` go by way of its storage for large files. */
async function fakeHub({ exists = false, token = 'hf_good', whoami = '' } = {}) {
	const seen = {
		created: [] as unknown[],
		committed: new Map<string, string>(),
		stored: new Map<string, string>()
	};
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks);
		const answer = (status: number, value: unknown) =>
			response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
		const { pathname } = new URL(request.url!, 'http://hub');
		if (pathname.startsWith('/storage/')) {
			seen.stored.set(pathname.slice('/storage/'.length), body.toString());
			return response.writeHead(200).end();
		}
		if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: 'Invalid token' });
		if (pathname === '/api/whoami-v2' && whoami !== '') return response.writeHead(200).end(whoami);
		if (pathname === '/api/whoami-v2')
			return answer(200, { type: 'user', id: '1', name: 'ada', auth: { type: 'access_token' }, orgs: [] });
		if (pathname === '/api/repos/create') {
			if (exists) return answer(409, { error: 'You already created this dataset repo' });
			seen.created.push(JSON.parse(body.toString()));
			return answer(200, { url: 'x', id: 'x' });
		}
		if (pathname.endsWith('/preupload/main')) {
			const { files } = JSON.parse(body.toString()) as { files: { path: string }[] };
			const mode = (path: string) => (path.endsWith('.jsonl') ? 'lfs' : 'regular');
			return answer(200, { files: files.map(({ path }) => ({ path, uploadMode: mode(path) })) });
		}
		if (pathname.endsWith('/info/lfs/objects/batch')) {
			const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
			const { port } = server.address() as AddressInfo;
			const upload = (oid: string) => ({ href: `http://127.0.0.1:${port}/storage/${oid}`, header: {} });
			return answer(200, {
				transfer: 'basic',
				objects: objects.map(({ oid, size }) => ({ oid, size, actions: { upload: upload(oid) } }))
			});
		}
		if (pathname.endsWith('/commit/main')) {
			for (const line of body.toString().trim().split('\n')) {
				const { key, value } = JSON.parse(line) as { key: string; value: Record<string, string> };
				if (key === 'file')
					seen.committed.set(value['path']!, Buffer.from(value['content']!, 'base64').toString());
				if (key === 'lfsFile')
					seen.committed.set(value['path']!, seen.stored.get(value['oid']!) ?? 'never stored');
			}
			return answer(200, {
				commitOid: 'a'.repeat(40),
				commitUrl: 'http://hub/commit',
				success: true,
				hookOutput: ''
			});
		}
		return answer(404, { error: `no ${pathname}` });
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return { seen, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const rows = '{"label":true}\n'.repeat(1000);
const files = [
	{ path: 'README.md', content: new Blob(['# Card\n']) },
	{ path: 'kto/train-00000-of-00001.jsonl', content: new Blob([rows]) }
];

test('makes the repository and commits every file whole', async () => {
	const { seen, address } = await fakeHub();
	const progress: number[] = [];
	const target = { repository: 'travel', token: 'hf_good', isPrivate: true, address };
	const url = await uploadToHub(files, target, { onProgress: (fraction) => progress.push(fraction) });
	expect(url).toBe(`${address}/datasets/ada/travel`);
	expect(seen.created).toMatchObject([
		{ name: 'travel', organization: 'ada', type: 'dataset', visibility: 'private' }
	]);
	expect(Object.fromEntries(seen.committed)).toEqual({
		'README.md': '# Card\n',
		'kto/train-00000-of-00001.jsonl': rows
	});
	expect([...seen.stored.keys()]).toEqual([createHash('sha256').update(rows).digest('hex')]);
	expect(progress.at(-1)).toBe(1);
});

test('commits to a repository that is there', async () => {
	const { seen, address } = await fakeHub({ exists: true });
	await uploadToHub(files, { repository: 'ada/travel', token: 'hf_good', isPrivate: false, address });
	expect(seen.committed.size).toBe(2);
});

test.each([
	['a wrong token', { token: 'hf_bad' }, /401.*not valid/],
	['a name that is none', { repository: 'a/b/c' }, /no name of a repository/],
	['a Hub that is not there', { address: 'http://127.0.0.1:9', repository: 'a/b' }, /could not be reached/]
])('%s is told in words, without the token', async (_, change, words) => {
	const { address, seen } = await fakeHub();
	const target = { repository: 'ada/travel', token: 'hf_good', isPrivate: false, address, ...change };
	const failure = await uploadToHub(files, target).then(
		() => undefined,
		(error: Error) => error
	);
	expect(failure).toMatchObject({ name: 'HubError', message: expect.stringMatching(words) as unknown });
	expect(failure!.message).not.toContain('hf_');
	expect(seen.committed.size).toBe(0);
});

test.each([
	['a web page', '<!doctype html>', /upload to .* failed: .*JSON/],
	['nobody', '{"auth": {}}', /does not say whose token/],
	['less than the library reads', '{}', /upload to .* failed: /]
])('a Hub that says %s of a token is not called unreachable', async (_, whoami, words) => {
	const { address, seen } = await fakeHub({ whoami });
	const target = { repository: 'travel', token: 'hf_good', isPrivate: false, address };
	await expect(uploadToHub(files, target)).rejects.toMatchObject({
		name: 'HubError',
		message: expect.stringMatching(words) as unknown
	});
	expect(seen.created).toEqual([]);
});

test.each(['before it began', 'on the way'])('commits nothing after it was cancelled %s', async (when) => {
	const { seen, address } = await fakeHub();
	const stop = new AbortController();
	if (when === 'before it began') stop.abort();
	const target = { repository: 'ada/travel', token: 'hf_good', isPrivate: false, address };
	await expect(
		uploadToHub(files, target, { signal: stop.signal, onProgress: () => stop.abort() })
	).rejects.toMatchObject({
		name: 'AbortError'
	});
	expect(seen.committed.size).toBe(0);
});
