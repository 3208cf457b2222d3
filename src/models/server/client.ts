import OpenAI from 'openai';
import { isJsonObject } from '../../base/json.ts';

/**
 * A client of one server that sends it what it is asked to send, the key and nothing else, and nothing to anyone else.
 * Retries and time limits are the caller's: those of the client end when the first byte of a reply has come.
 */
export function createClient(address: URL, key: string | undefined): OpenAI {
	return new OpenAI({
		baseURL: address.href,
		apiKey: key ?? 'none',
		// Of the environment's variables none may find its way to a server that someone typed.
		adminAPIKey: null,
		organization: null,
		project: null,
		webhookSecret: null,
		defaultHeaders: key === undefined ? { Authorization: null } : {},
		maxRetries: 0,
		timeout: 2 ** 31 - 1,
		logLevel: 'off',
		// The key is the user's own, typed into this page.
		dangerouslyAllowBrowser: true,
		fetch: plainFetch
	});
}

/** `fetch` that follows nobody elsewhere, tells nothing about this machine, and brings complaints into one form. */
async function plainFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
	const headers = new Headers(init.headers);
	// Some servers' CORS rules know only the usual headers.
	for (const name of [...headers.keys()]) if (name.startsWith('x-stainless-')) headers.delete(name);
	headers.delete('user-agent');
	const response = await fetch(input, {
		...init,
		headers,
		redirect: 'error',
		credentials: 'omit',
		referrerPolicy: 'no-referrer',
		cache: 'no-store'
	});
	return response.ok ? response : complaint(response);
}

/** The client reads `{ error: { message } }` only; vLLM and FastAPI leave out one or both. */
async function complaint(response: Response): Promise<Response> {
	const text = await response.text().catch(() => '');
	const { status, statusText, headers } = response;
	return new Response(JSON.stringify({ error: errorIn(text, statusText) }), { status, statusText, headers });
}

function errorIn(text: string, otherwise: string): object {
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		return { message: text.trim() || otherwise };
	}
	if (!isJsonObject(body)) return { message: text };
	const error = body['error'] ?? body['detail'] ?? body;
	if (typeof error === 'string') return { message: error };
	if (isJsonObject(error) && typeof error['message'] === 'string') return error;
	return { message: JSON.stringify(error) };
}
