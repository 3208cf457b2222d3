/** Lets one holder in at a time, in the order of asking. */
export class OneAtATime {
	#last: Promise<unknown> = Promise.resolve();

	/**
	 * Waits for the turn and takes it. Call what is returned, once, to hand it on.
	 * @throws an `AbortError` if `signal` aborts before the turn comes
	 */
	async enter(signal?: AbortSignal): Promise<() => void> {
		const before = this.#last;
		let leave = () => {};
		this.#last = Promise.all([before, new Promise<void>((resolve) => (leave = resolve))]);
		try {
			await unlessAborted(before, signal);
		} catch (error) {
			leave();
			throw error;
		}
		return leave;
	}
}

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
