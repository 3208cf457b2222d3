/** What an aborted request rejects with. */
export function abortError(message = 'The request was aborted.'): DOMException {
	return new DOMException(message, 'AbortError');
}

/** `promise`, or an `AbortError` as soon as `signal` aborts, whichever comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (!signal) return promise;
	return new Promise((resolve, reject) => {
		const abort = () => reject(abortError());
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}
