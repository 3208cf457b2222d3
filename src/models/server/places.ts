import { abortError } from '../one-at-a-time.ts';

/** Lets a number of holders in at once; the others wait in the order of asking. */
export class Places {
	#free: number;
	readonly #waiting: (() => void)[] = [];

	constructor(size: number) {
		this.#free = size;
	}

	/**
	 * Waits for a place and takes it. Call what is returned, once, to give it back.
	 * @throws an `AbortError` if `signal` aborts before there is one
	 */
	async enter(signal: AbortSignal): Promise<() => void> {
		if (signal.aborted) throw abortError();
		if (this.#free > 0) this.#free--;
		else await this.#turn(signal);
		return () => {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#free++;
		};
	}

	#turn(signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const take = () => {
				signal.removeEventListener('abort', leave);
				resolve();
			};
			const leave = () => {
				this.#waiting.splice(this.#waiting.indexOf(take), 1);
				reject(abortError());
			};
			signal.addEventListener('abort', leave, { once: true });
			this.#waiting.push(take);
		});
	}
}
