import { releaseProxy, type ProxyMethods } from 'comlink';
import type { RunState, RunUpdate } from './run-service.ts';
import type { Tabs } from './tabs.ts';

/** Milliseconds between two looks whether a tab that ran the watched run is still there: one that crashed says nothing. */
const lookInterval = 1000;

interface Watch {
	readonly run: string;
	readonly onUpdate: (update: RunUpdate) => void;
	/** What came before the first look was told; `undefined` after. */
	early: RunUpdate[] | undefined;
	phase: RunState['phase'] | undefined;
	timer?: ReturnType<typeof setTimeout>;
}

/** Passes on what is told of runs, here or in another tab, to their watchers. */
export class RunWatchers {
	readonly #tabs: Tabs;
	readonly #look: (run: string) => Promise<readonly RunUpdate[]>;
	readonly #watches = new Set<Watch>();

	/**
	 * @param look tells how a run stands: its state and its progress first
	 * @param isOurs whether this tab runs it; then what others say is about their own failure to
	 */
	constructor(
		tabs: Tabs,
		look: (run: string) => Promise<readonly RunUpdate[]>,
		isOurs: (run: string) => boolean
	) {
		this.#tabs = tabs;
		this.#look = look;
		tabs.listen((run, update) => {
			if (!isOurs(run)) this.tell(run, asSeenFromOutside(update));
		});
	}

	/** @returns ends it */
	async watch(run: string, onUpdate: (update: RunUpdate) => void): Promise<() => void> {
		const watch: Watch = { run, onUpdate, early: [], phase: undefined };
		this.#watches.add(watch);
		try {
			const updates = await this.#look(run);
			const early = watch.early ?? [];
			watch.early = undefined;
			for (const update of [...updates, ...early]) this.#pass(watch, update);
		} catch (error) {
			this.#end(watch);
			throw error;
		}
		this.#lookLater(watch);
		return () => this.#end(watch);
	}

	tell(run: string, update: RunUpdate): void {
		for (const watch of this.#watches) {
			if (watch.run !== run) continue;
			// How far the first look has got is of no use after it.
			if (watch.early && update.type !== 'reading') watch.early.push(update);
			else this.#pass(watch, update);
		}
	}

	#end(watch: Watch): void {
		if (!this.#watches.delete(watch)) return;
		clearTimeout(watch.timer);
		(watch.onUpdate as Partial<ProxyMethods>)[releaseProxy]?.();
	}

	#pass(watch: Watch, update: RunUpdate): void {
		if (!this.#watches.has(watch)) return;
		if (update.type === 'state') watch.phase = update.state.phase;
		// What goes wrong in the page is the page's affair, whether it comes at once or through comlink.
		(async () => watch.onUpdate(update))().catch(() => undefined);
	}

	#lookLater(watch: Watch): void {
		if (!this.#watches.has(watch)) return;
		watch.timer = setTimeout(() => {
			this.#lookAfter(watch)
				// The store may be busy or gone; the next look tells.
				.catch(() => undefined)
				.finally(() => this.#lookLater(watch));
		}, lookInterval);
	}

	async #lookAfter(watch: Watch): Promise<void> {
		if (watch.phase !== 'watching' || (await this.#tabs.claimed()).has(watch.run)) return;
		const updates = await this.#look(watch.run);
		// Its last words may have arrived meanwhile.
		if (watch.phase !== 'watching') return;
		for (const update of updates) this.#pass(watch, update);
	}
}

/** What is running in another tab is watched in this one. */
function asSeenFromOutside(update: RunUpdate): RunUpdate {
	if (update.type !== 'state') return update;
	const { phase } = update.state;
	const isActive = phase === 'loading' || phase === 'running' || phase === 'pausing';
	return isActive ? { type: 'state', state: { phase: 'watching' } } : update;
}
