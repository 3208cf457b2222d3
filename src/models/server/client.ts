import OpenAI from 'openai';
import { writeJson, type Json } from '../../base/json.ts';
import { errorIn } from './complaint.ts';
import { bodyText, parseBody } from './reply-bodies.ts';

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

/** In the one form that the client reads. */
async function complaint(response: Response): Promise<Response> {
	const text = await bodyText(response).catch(() => '');
	const { status, statusText, headers } = response;
	return new Response(writeJson({ error: errorIn(bodyOf(text) ?? statusText) }), {
		status,
		statusText,
		headers
	});
}

/** Complaints need not be JSON. */
function bodyOf(text: string): Json | undefined {
	try {
		return parseBody(text);
	} catch {
		return text.trim() || undefined;
	}
}
