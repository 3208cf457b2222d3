import type { RunUpdate } from './run-service.ts';
import type { Tabs } from './tabs.ts';

interface Told {
	readonly run: string;
	readonly update: RunUpdate;
}

/** Web Locks and one BroadcastChannel. The browser gives up the locks of a tab that is closed or crashes. */
export class BrowserTabs implements Tabs {
	readonly #name: string;
	readonly #channel: BroadcastChannel;
	/** Locks that were given up, until the browser has them back. */
	readonly #givenUp = new Set<Promise<unknown>>();

	/** @param name of the store whose runs these are: two stores share nothing */
	constructor(name = 'joshtree') {
		this.#name = name;
		this.#channel = new BroadcastChannel(name);
	}

	claim(run: string): Promise<(() => void) | undefined> {
		return new Promise((resolve, reject) => {
			const held = navigator.locks.request(this.#lockOf(run), { ifAvailable: true }, (lock) => {
				if (!lock) return resolve(undefined);
				return new Promise<void>((release) =>
					resolve(() => {
						this.#givenUp.add(held);
						release();
					})
				);
			});
			held.catch(reject).finally(() => this.#givenUp.delete(held));
		});
	}

	async claimed(): Promise<ReadonlySet<string>> {
		await Promise.all(this.#givenUp);
		const { held = [] } = await navigator.locks.query();
		const prefix = this.#lockOf('');
		return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? name.slice(prefix.length) : [])));
	}

	tell(run: string, update: RunUpdate): void {
		const told: Told = { run, update };
		this.#channel.postMessage(told);
	}

	listen(onUpdate: (run: string, update: RunUpdate) => void): () => void {
		const hear = ({ data: { run, update } }: MessageEvent<Told>) => onUpdate(run, update);
		this.#channel.addEventListener('message', hear);
		return () => this.#channel.removeEventListener('message', hear);
	}

	#lockOf(run: string): string {
		return `${this.#name} run ${run}`;
	}
}
