import { explain } from '../store/indexeddb-errors.ts';
import { IndexedDbStore } from '../store/indexeddb-store.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { StoreError, type RunStore } from '../store/run-store.ts';
import { BrowserTabs } from './browser-tabs.ts';
import { SingleTab } from './single-tab.ts';
import type { Tabs } from './tabs.ts';

export interface BrowserStorage {
	readonly store: RunStore;
	readonly tabs: Tabs;
}

/**
 * The browser's database, which the tabs of an origin share. Where the browser has none or does not let this page use it, e.g. because
 * site data is blocked, runs live in memory, and this tab is alone with them.
 */
export async function openBrowserStorage(): Promise<BrowserStorage> {
	try {
		if (!globalThis.indexedDB || !globalThis.navigator?.locks || !globalThis.BroadcastChannel)
			throw new StoreError(
				'This browser has no storage that tabs can share, or has it only at addresses with https: or on localhost.'
			);
		const tabs = new BrowserTabs();
		const store = new IndexedDbStore();
		// Each can be refused by itself.
		await tabs.claimed();
		await store.open();
		return { store, tabs };
	} catch (error) {
		const problem = `Nothing is kept. ${explain(error).message} Until then, runs stored earlier are not shown, and new ones end with this tab; export them before you close it.`;
		return { store: new MemoryStore(problem), tabs: new SingleTab() };
	}
}
