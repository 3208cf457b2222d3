import { APIConnectionError, APIError } from 'openai';
import { ContextOverflowError, ModelFaultError, ModelLoadError } from '../language-model.ts';
import { saysOverflow } from './overflow.ts';
import { askedPause } from './pauses.ts';

/** A try that failed. */
export interface Fault {
	/** What to throw if it is not tried again. */
	readonly error: Error;
	/** It may go better next time. */
	readonly passing: boolean;
	/** It says something about the server, not about the request. */
	readonly busy: boolean;
	/** The server will not have the request as it is, now or later. */
	readonly refused?: true;
	/** Milliseconds for which the server wants to be left alone. */
	readonly pause?: number;
}

/** The reply ended before its end: a server or something on the way to it gave up. */
export class BrokenReplyError extends Error {
	override readonly name = 'BrokenReplyError';
}

/** A server that asks for a longer pause than this, in milliseconds, is not waited for. */
const longestAskedPause = 600_000;

/** What a failed try means. Messages say what to do, and never hold the key. */
export function faultOf(
	error: unknown,
	{ server, model, key }: { readonly server: string; readonly model: string; readonly key?: string }
): Fault {
	const message = withoutKey(messageOf(error), key).slice(0, 1000);
	const status: unknown = error instanceof APIError ? error.status : undefined;
	const final = (one: Error): Fault => ({ error: one, passing: false, busy: false });
	const passing = (busy: boolean, pause?: number): Fault => ({
		error: new ModelFaultError(
			`${server} failed${typeof status === 'number' ? ` (${status})` : ''}: ${message}`
		),
		passing: true,
		busy,
		...(pause !== undefined && { pause })
	});

	if (error instanceof ModelLoadError || error instanceof ModelFaultError) return final(error);
	// Whether the server is gone or ended this connection only, asking it again will show.
	if (error instanceof APIConnectionError || error instanceof BrokenReplyError) return passing(false);
	if (!(error instanceof APIError)) return final(error instanceof Error ? error : new Error(message));

	if (status !== 429 && saysOverflow(`${message} ${error.code ?? ''} ${error.type ?? ''}`)) {
		return final(new ContextOverflowError(`${server} says: ${message}`));
	}
	// A complaint in a body need not have one.
	if (typeof status !== 'number') return passing(false);
	if (status === 401) {
		const what = key === undefined ? 'wants a key' : 'refuses the key';
		return final(
			new ModelLoadError(`${server} ${what} (${status}: ${message}). Give the key of this server.`)
		);
	}
	if (status === 404 || status === 405) {
		return final(
			new ModelLoadError(
				`${server} has no model "${model}", or no chat completions at this address (${status}: ${message}). ` +
					'Check both; the address usually ends in /v1.'
			)
		);
	}
	if (isQuota(error)) {
		return final(new ModelLoadError(`${server} has no credit left for this key: ${message}`));
	}
	if (status === 429 || status === 408 || status === 409 || status === 425 || status >= 500) {
		const pause = askedPause(error.headers);
		if (pause !== undefined && pause > longestAskedPause) {
			const minutes = Math.round(pause / 60_000);
			return final(new ModelLoadError(`${server} asks to come back in ${minutes} minutes: ${message}`));
		}
		return passing([429, 502, 503, 504].includes(status), pause);
	}
	const said = `${server} refused the request (${status}): ${message}`;
	const refusal = new ModelFaultError([said, ...adviceOn(status, message)].map(sentence).join(' '));
	return { error: refusal, passing: false, busy: false, refused: true };
}

function adviceOn(status: number, message: string): string[] {
	if (status === 403) return ['Check the key'];
	return refusesTools.test(message)
		? ['Start it with its tool parser, or tell of tools as text: tools "hermes"']
		: [];
}

const refusesTools =
	/tool[ _-]?choice|tool[ _-]call[ _-]parser|does not support tools|tools? (param|is|are) .*not/i;

/** `text` with a full stop. */
function sentence(text: string): string {
	return /[.!?]$/.test(text) ? text : `${text}.`;
}

function isQuota({ status, code, type }: APIError): boolean {
	return status === 402 || code === 'insufficient_quota' || type === 'insufficient_quota';
}

/** What failed underneath is what helps: the client's own words are "Connection error." */
function messageOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const own = error.message.replace(/^\d{3} /, '');
	const param = error instanceof APIError && typeof error.param === 'string' ? error.param : '';
	const causes = own.includes(param) ? [] : [`(${param})`];
	for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
		const { code } = cause as Error & { readonly code?: unknown };
		causes.push(cause.message || (typeof code === 'string' ? code : cause.name));
	}
	return [...new Set([own, ...causes])].join(' ');
}

function withoutKey(text: string, key: string | undefined): string {
	return key ? text.replaceAll(key, '(key)') : text;
}
