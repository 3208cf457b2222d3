import type { Tabs } from './tabs.ts';

/** One that is alone with its store: the caller that makes it sees to that, e.g. by a lock on the store's folder. */
export class SingleTab implements Tabs {
	readonly #claims = new Set<string>();

	async claim(run: string): Promise<(() => void) | undefined> {
		if (this.#claims.has(run)) return undefined;
		this.#claims.add(run);
		return () => void this.#claims.delete(run);
	}

	async claimed(): Promise<ReadonlySet<string>> {
		return this.#claims;
	}

	tell(): void {}

	listen(): () => void {
		return () => undefined;
	}
}
