import { unlessAborted } from '../base/abort.ts';
import { embeddedInBothRoles, type ModelSource, type RoleModels } from '../models/source.ts';
import type { RunRecord, RunStore } from '../store/run-store.ts';
import { noSuchRun } from '../store/stored-data.ts';
import type { AskPerson } from '../talk/users/user-part.ts';
import type { Environments } from './environments.ts';
import type { LoadRolesOptions, RunModels, StartedModels } from './models.ts';
import { originMismatch } from './origin.ts';
import { upgradeRun } from './old-events.ts';
import { messageOf, RunSession } from './run-session.ts';
import type { RunProgress, RunState, RunUpdate } from './run-service.ts';
import { snapshotOf } from './stored-searches.ts';
import type { Tabs } from './tabs.ts';

export interface ConductorParts {
	readonly store: RunStore;
	readonly tabs: Tabs;
	readonly models: RunModels;
	readonly environments: Environments;
	readonly tell: (run: string, update: RunUpdate) => void;
	/** Absent where there is nobody to ask. */
	readonly ask?: AskPerson;
}

interface ActiveRun {
	readonly id: string;
	readonly stop: AbortController;
	state: RunState;
	/** Set once this tab has the right to write the run. */
	isClaimed: boolean;
	session?: RunSession;
	over?: Promise<void>;
}

/** Runs one run at a time. */
export class Conductor {
	readonly #parts: ConductorParts;
	#active: ActiveRun | undefined;
	/** How runs ended in this tab where the store does not say it. */
	readonly #ends = new Map<string, RunState>();

	constructor(parts: ConductorParts) {
		this.#parts = parts;
	}

	/** What a run is doing in this tab, or why it stopped here; `undefined` if nothing is known beyond the store. */
	stateOf(id: string): RunState | undefined {
		return this.#active?.id === id ? this.#active.state : this.#ends.get(id);
	}

	isActive(id: string): boolean {
		return this.#active?.id === id;
	}

	/** Active, and no other tab can be writing it: one that only asks for it still hears what its writer says. */
	isWriting(id: string): boolean {
		return this.isActive(id) && this.#active!.isClaimed;
	}

	/** Of the run that is running here; `undefined` before its first step. */
	progressOf(id: string): RunProgress | undefined {
		return this.#active?.id === id ? this.#active.session?.progress : undefined;
	}

	/**
	 * Resolves when the run is finished, paused, failed, or cannot be run here; its state says which.
	 * @throws {Error} if a run is running here already
	 */
	async start(id: string, workers: number, sources?: RoleModels<ModelSource>): Promise<void> {
		if (this.#active)
			throw new Error(`Run ${this.#active.id} is running in this tab. Pause it, then start another.`);
		const active: ActiveRun = {
			id,
			stop: new AbortController(),
			state: { phase: 'loading' },
			isClaimed: false
		};
		this.#active = active;
		active.over = this.#conduct(active, workers, sources);
		await active.over;
	}

	/** Resolves when every finished step is stored. */
	async pause(): Promise<void> {
		const active = this.#active;
		if (!active) return;
		this.#enter(active, { phase: 'pausing' });
		active.stop.abort();
		// The caller that started it gets what went wrong.
		await active.over?.catch(() => undefined);
	}

	async #conduct(active: ActiveRun, workers: number, sources?: RoleModels<ModelSource>): Promise<void> {
		const { id } = active;
		let end: RunState;
		try {
			const release = await this.#parts.tabs.claim(id);
			active.isClaimed = release !== undefined;
			try {
				end = release ? await this.#run(active, workers, sources) : { phase: 'watching' };
			} finally {
				release?.();
			}
		} finally {
			// Before the end is reported: a caller may then start again at once.
			this.#active = undefined;
		}
		if (end.phase === 'failed' || end.phase === 'readonly') this.#ends.set(id, end);
		else this.#ends.delete(id);
		this.#parts.tell(id, { type: 'state', state: end });
	}

	async #run(active: ActiveRun, workers: number, given?: RoleModels<ModelSource>): Promise<RunState> {
		const { store, models, environments, tell } = this.#parts;
		const { id, stop } = active;
		try {
			const stored = await store.get(id);
			if (!stored) throw noSuchRun(id);
			if (stored.status === 'finished') return { phase: 'finished' };
			this.#enter(active, { phase: 'loading' });
			const record = await upgradeRun(store, stored, await environments.of(stored));
			const environment = await environments.of(record);
			const sources = given ?? sourcesOf(record);
			const changed = () => originMismatch(record, models.known(sources));
			// Most changes are known before a model has been loaded.
			let reason = changed();
			if (reason !== undefined) return { phase: 'readonly', reason };
			const snapshot = await snapshotOf(store, record, environment, await store.overview(id), {
				onEnded: (ended) => store.append(id, [], ended),
				onProgress: (done, of) => tell(id, { type: 'reading', done, of })
			});
			const started = await this.#startModels(sources, workers, {
				signal: stop.signal,
				onProgress: (progress) =>
					active.state.phase === 'loading' && this.#enter(active, { phase: 'loading', progress })
			});
			try {
				reason = changed();
				if (reason !== undefined) return { phase: 'readonly', reason };
				if (given) await store.update(id, { sources: given });
				const { ask } = this.#parts;
				active.session = new RunSession({
					store,
					record,
					environment,
					snapshot,
					workers,
					tell: (update) => tell(id, update),
					...(ask && { ask })
				});
				if (!stop.signal.aborted) this.#enter(active, { phase: 'running' });
				return await active.session.run(started, stop.signal);
			} finally {
				await started.dispose();
			}
		} catch (error) {
			return stop.signal.aborted ? { phase: 'paused' } : { phase: 'failed', reason: messageOf(error) };
		}
	}

	/** Loading may take minutes; a pause does not wait for it. */
	async #startModels(
		sources: RoleModels<ModelSource>,
		workers: number,
		options: LoadRolesOptions
	): Promise<StartedModels> {
		const starting = this.#parts.models.start(sources, workers, options);
		try {
			return await unlessAborted(starting, options.signal);
		} catch (error) {
			starting.then((started) => started.dispose()).catch(() => undefined);
			throw error;
		}
	}

	#enter(active: ActiveRun, state: RunState): void {
		active.state = state;
		this.#parts.tell(active.id, { type: 'state', state });
	}
}

/** Runs that do not say were made before there was a choice. */
export function sourcesOf({ sources }: RunRecord): RoleModels<ModelSource> {
	return sources ?? embeddedInBothRoles;
}
