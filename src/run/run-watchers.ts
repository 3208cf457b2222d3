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

/** Passes on what is told of one run, here or in another tab. */
export class Lookout {
	readonly #tabs: Tabs;
	readonly #look: (run: string) => Promise<readonly RunUpdate[]>;
	#watch: Watch | undefined;

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

	/** One run at a time; another takes its place. */
	async watch(run: string, onUpdate: (update: RunUpdate) => void): Promise<void> {
		this.unwatch();
		const watch: Watch = { run, onUpdate, early: [], phase: undefined };
		this.#watch = watch;
		try {
			const updates = await this.#look(run);
			const early = watch.early ?? [];
			watch.early = undefined;
			for (const update of [...updates, ...early]) this.#pass(watch, update);
		} catch (error) {
			if (this.#watch === watch) this.unwatch();
			throw error;
		}
		this.#lookLater(watch);
	}

	unwatch(): void {
		const watch = this.#watch;
		if (!watch) return;
		this.#watch = undefined;
		clearTimeout(watch.timer);
		(watch.onUpdate as Partial<ProxyMethods>)[releaseProxy]?.();
	}

	tell(run: string, update: RunUpdate): void {
		const watch = this.#watch;
		if (watch?.run !== run) return;
		if (watch.early) watch.early.push(update);
		else this.#pass(watch, update);
	}

	#pass(watch: Watch, update: RunUpdate): void {
		if (this.#watch !== watch) return;
		if (update.type === 'state') watch.phase = update.state.phase;
		// What goes wrong in the page is the page's affair, whether it comes at once or through comlink.
		(async () => watch.onUpdate(update))().catch(() => undefined);
	}

	#lookLater(watch: Watch): void {
		if (this.#watch !== watch) return;
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
