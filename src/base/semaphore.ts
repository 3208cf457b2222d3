import { abortError } from './abort.ts';

interface Waiter {
	readonly permits: number;
	enter(): void;
}

/** Lets holders in as long as there are permits, in the order of asking. A holder of all permits is alone. */
export class Semaphore {
	readonly permits: number;
	#free: number;
	readonly #waiting: Waiter[] = [];

	constructor(permits: number) {
		this.permits = permits;
		this.#free = permits;
	}

	/**
	 * Waits for permits and takes them. Call what is returned, once, to give them back.
	 * @throws an `AbortError` if `signal` aborts before
	 */
	acquire(permits: number, signal?: AbortSignal): Promise<() => void> {
		return new Promise((resolve, reject) => {
			if (signal?.aborted) return reject(abortError());
			const waiter: Waiter = {
				permits,
				enter: () => {
					signal?.removeEventListener('abort', abort);
					resolve(() => {
						this.#free += permits;
						this.#admit();
					});
				}
			};
			const abort = () => {
				this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
				reject(abortError());
				this.#admit(); // those behind may need fewer
			};
			signal?.addEventListener('abort', abort, { once: true });
			this.#waiting.push(waiter);
			this.#admit();
		});
	}

	#admit(): void {
		for (;;) {
			const [first] = this.#waiting;
			if (!first || first.permits > this.#free) return;
			this.#waiting.shift();
			this.#free -= first.permits;
			first.enter();
		}
	}
}
