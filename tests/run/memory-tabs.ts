import type { RunUpdate } from '../../src/run/run-service.ts';
import type { Tabs } from '../../src/run/tabs.ts';

/** One of several tabs that know of each other through `origin`. */
export class MemoryTabs implements Tabs {
	readonly #origin: { readonly claims: Set<string>; readonly tabs: Set<MemoryTabs> };
	readonly #listeners = new Set<(run: string, update: RunUpdate) => void>();

	constructor(
		origin: { claims: Set<string>; tabs: Set<MemoryTabs> } = { claims: new Set(), tabs: new Set() }
	) {
		this.#origin = origin;
		origin.tabs.add(this);
	}

	async claim(run: string): Promise<(() => void) | undefined> {
		const { claims } = this.#origin;
		if (claims.has(run)) return undefined;
		claims.add(run);
		return () => void claims.delete(run);
	}

	async claimed(): Promise<ReadonlySet<string>> {
		return this.#origin.claims;
	}

	tell(run: string, update: RunUpdate): void {
		const copy = structuredClone(update);
		for (const tab of this.#origin.tabs) {
			if (tab !== this) for (const listener of tab.#listeners) queueMicrotask(() => listener(run, copy));
		}
	}

	listen(onUpdate: (run: string, update: RunUpdate) => void): () => void {
		this.#listeners.add(onUpdate);
		return () => void this.#listeners.delete(onUpdate);
	}
}
