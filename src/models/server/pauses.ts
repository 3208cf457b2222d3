import { abortError } from '../../base/abort.ts';
import type { ServerLimits } from './settings.ts';

/**
 * Milliseconds to wait after a try that failed: twice as long each time, half of it left to chance, so that many clients do not
 * come back at once. Never less than the server asked for.
 * @param tries how often it was tried, from 1
 * @param asked what the server asked for, in milliseconds
 * @param random in [0, 1)
 */
export function pauseAfter(
	tries: number,
	{ firstPause, longestPause }: Pick<ServerLimits, 'firstPause' | 'longestPause'>,
	asked: number | undefined,
	random: number
): number {
	const pause = Math.min(firstPause * 2 ** (tries - 1), longestPause);
	const drawn = (pause * (1 + random)) / 2;
	return asked === undefined ? drawn : Math.max(drawn, asked + firstPause * random);
}

/**
 * Milliseconds for which a server asks to be left alone, in `Retry-After` (seconds or a date) or `retry-after-ms`.
 * @param now milliseconds since 1970
 */
export function askedPause(headers: Headers | undefined, now = Date.now()): number | undefined {
	const exact = Number(headers?.get('retry-after-ms') ?? NaN);
	if (exact >= 0) return exact;
	const text = headers?.get('retry-after')?.trim();
	if (!text) return undefined;
	const seconds = Number(text);
	const pause = Number.isNaN(seconds) ? Date.parse(text) - now : seconds * 1000;
	return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

/** @throws an `AbortError` as soon as `signal` aborts */
export function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const abort = () => {
			clearTimeout(timer);
			reject(abortError());
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', abort);
			resolve();
		}, milliseconds);
		if (signal.aborted) abort();
		else signal.addEventListener('abort', abort, { once: true });
	});
}
