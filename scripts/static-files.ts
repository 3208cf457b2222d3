import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface StaticFiles {
	readonly folder: string;
	/** Of every response. @param path below the root, without a leading slash; "" for what is not a file */
	readonly headers: (path: string) => Readonly<Record<string, string>>;
}

/**
 * Answers requests for files (RFC 9110): GET and HEAD, one byte range, `If-None-Match`. A file that is not there is a 404. Never
 * rejects.
 */
export function staticFiles(site: StaticFiles) {
	return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		try {
			await answer(site, request, response);
		} catch {
			// The file went away or the client did; what has begun cannot be taken back.
			if (response.headersSent) response.destroy();
			else end(response, 500);
		}
	};
}

async function answer(site: StaticFiles, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { method = '' } = request;
	const path = pathOf(request.url ?? '');
	for (const [name, value] of Object.entries(site.headers(path ?? ''))) response.setHeader(name, value);
	if (!allowed.includes(method)) {
		response.setHeader('Allow', allowed.join(', '));
		return end(response, 405);
	}
	if (method === 'OPTIONS') {
		response.setHeader('Allow', allowed.join(', '));
		return end(response, 204);
	}
	if (path === undefined) return end(response, 400);
	const file = fileIn(site.folder, path);
	const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
	if (file === undefined || !found?.isFile()) return end(response, 404);

	const { size, mtimeMs } = found;
	const tag = `W/"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
	response.setHeader('ETag', tag);
	response.setHeader('Cache-Control', 'no-cache');
	response.setHeader('Accept-Ranges', 'bytes');
	if (matches(request.headers['if-none-match'], tag)) return end(response, 304);

	response.setHeader('Content-Type', types[extname(file).toLowerCase()] ?? 'application/octet-stream');
	// `If-Range` asks for a strong validator, which there is none of: the whole file is the right answer.
	const isRange = method === 'GET' && request.headers['if-range'] === undefined;
	const range = isRange ? rangeOf(request.headers.range, size) : undefined;
	if (range === 'none') {
		response.setHeader('Content-Range', `bytes */${size}`);
		return end(response, 416);
	}
	const { start, end: last } = range ?? { start: 0, end: size - 1 };
	if (range) response.setHeader('Content-Range', `bytes ${start}-${last}/${size}`);
	response.setHeader('Content-Length', last - start + 1);
	response.statusCode = range ? 206 : 200;
	if (method === 'HEAD' || size === 0) response.end();
	else await pipeline(createReadStream(file, { start, end: last }), response);
}

const allowed = ['GET', 'HEAD', 'OPTIONS'];

/** What the page is made of. Scripts and WASM are not run by browsers unless they are called so. */
const types: Readonly<Record<string, string>> = {
	'.css': 'text/css; charset=utf-8',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.json': 'application/json',
	'.md': 'text/markdown; charset=utf-8',
	'.png': 'image/png',
	'.svg': 'image/svg+xml',
	'.txt': 'text/plain; charset=utf-8',
	'.wasm': 'application/wasm',
	'.webmanifest': 'application/manifest+json'
};

function end(response: ServerResponse, status: number): void {
	response.statusCode = status;
	response.end();
}

/**
 * The path below the root that a request asks for, decoded and without a leading slash; `undefined` if it is none. Takes whole
 * addresses, too, as servers must (RFC 9112, 3.2.2); whose they are does not matter.
 */
function pathOf(target: string): string | undefined {
	const [, path] = /^(?:https?:\/\/[^/?#]*)?(\/[^?#]*)/i.exec(target) ?? [];
	if (path === undefined) return target === '*' || /^https?:\/\/[^/?#]+/i.test(target) ? '' : undefined;
	try {
		const decoded = decodeURIComponent(path.slice(1));
		return decoded.includes('\0') ? undefined : decoded;
	} catch {
		return undefined;
	}
}

/** `undefined` for a path that leads elsewhere, or that is another spelling of one that does not. */
function fileIn(folder: string, path: string): string | undefined {
	const whole = path === '' || path.endsWith('/') ? `${path}index.html` : path;
	const isPlain = whole.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
	return isPlain && !/[\\:]/.test(whole) ? join(folder, whole) : undefined;
}

/** Tags are compared without their strength, as `If-None-Match` wants it. */
function matches(condition: string | undefined, tag: string): boolean {
	if (condition === undefined) return false;
	const plain = (one: string) => one.trim().replace(/^W\//, '');
	return condition.trim() === '*' || condition.split(',').some((one) => plain(one) === plain(tag));
}

/**
 * The bytes that a `Range` header asks for, both ends included; "none" if there are none of them; `undefined` where the whole file is
 * the answer: without a range, with one of another form, and with several, which a server need not serve.
 */
function rangeOf(
	header: string | undefined,
	size: number
): { readonly start: number; readonly end: number } | 'none' | undefined {
	const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
	if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
	if (first === '') {
		if (Number(last) === 0) return 'none';
		return size === 0 ? undefined : { start: Math.max(0, size - Number(last)), end: size - 1 };
	}
	if (last !== '' && Number(last) < Number(first)) return undefined;
	if (Number(first) >= size) return 'none';
	return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
