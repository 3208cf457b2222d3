import type { ModelSource, RoleModels } from '../models/source.ts';
import { defaultWorkers } from '../run/config.ts';
import type { RunService, TabStatus } from '../run/run-service.ts';
import type { RunConfig } from '../search/run-config.ts';
import type { RunFiles } from '../store/run-files.ts';
import type { DamagedRun, RunRecord, ScenarioEvent } from '../store/run-store.ts';
import { damageError } from '../store/stored-data.ts';
import { EnvironmentShelf } from './environment-shelf.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import { recall, remember } from './remembered.ts';
import { RunView } from './run-view.svelte.ts';

/** Remembers across reloads that a run was running, to tell an interrupted run from a paused one. */
const runningKey = (id: string) => `joshtree.running.${id}`;

/** Scenarios of a run from elsewhere that are stored at once: each time the pack goes along. */
const importedAtOnce = 500;

/** What this tab knows and does: the stored runs, the one that is open, the one that runs. */
export class Session {
	/** What new runs may choose from. */
	readonly ready: Promise<EnvironmentShelf>;
	readonly service: RunService;
	readonly notices: Notices;
	/** Newest first. */
	runs = $state.raw<readonly RunRecord[]>([]);
	/** Stored runs that cannot be read. */
	damagedRuns = $state.raw<readonly DamagedRun[]>([]);
	/** The run that is looked at, or was last. */
	run = $state.raw<RunView>();
	/** Scenarios of the run that is being opened that had to be read so far, of those. */
	reading = $state.raw<{ readonly done: number; readonly of: number }>();
	/** A run that was asked for and is not there. */
	missing = $state<string>();
	/** The run that this tab is running. */
	runningId = $state<string>();
	#status = $state.raw<TabStatus>({ runningElsewhere: [] });
	workers = $state(defaultWorkers(navigator.hardwareConcurrency));
	#wanted: string | undefined;
	#showing = Promise.resolve();

	constructor(service: RunService, notices: Notices) {
		this.service = service;
		this.notices = notices;
		this.ready = this.#load();
		// A caller that awaits it gets the failure; the notices report it anyway.
		this.ready.catch(() => undefined);
	}

	async #load(): Promise<EnvironmentShelf> {
		try {
			const environments = await EnvironmentShelf.open(this.service, this.notices);
			await this.look();
			await this.refresh();
			return environments;
		} catch (error) {
			this.notices.fail('The page could not start', error);
			throw error;
		}
	}

	/** Runs that other tabs are running. */
	get runningElsewhere(): readonly string[] {
		return this.#status.runningElsewhere;
	}

	/** Runs that are under way in any tab. */
	get underWay(): readonly string[] {
		return [...this.underWayHere, ...this.runningElsewhere.filter((id) => !this.underWayHere.includes(id))];
	}

	/** The one that this tab is running, also if it was not started by its buttons. */
	get underWayHere(): readonly string[] {
		return [this.runningId ?? this.#status.runningHere].filter((id) => id !== undefined);
	}

	/** Why what is stored does not last, or may be lost already. */
	get storageProblem(): string | undefined {
		return this.#status.storageProblem;
	}

	/** Looks at what can change without this tab: other tabs and the browser's storage. To be called now and then. */
	async look(): Promise<void> {
		const before = this.#status.runningElsewhere;
		this.#status = await this.service.status();
		const now = this.#status.runningElsewhere;
		// A run has begun or come to rest there.
		if (now.length !== before.length || now.some((id) => !before.includes(id))) await this.refresh();
	}

	async refresh(): Promise<void> {
		[this.runs, this.damagedRuns] = await Promise.all([this.service.list(), this.service.damagedRuns()]);
	}

	async create(
		config: RunConfig,
		sources: RoleModels<ModelSource>,
		environment: string
	): Promise<RunRecord | undefined> {
		return this.#attempt('The run could not be made', async () => {
			const run = await this.service.create(config, sources, { name: environment });
			await this.refresh();
			return run;
		});
	}

	/** Stores a run that was made elsewhere. @returns its id, unless it could not be read */
	async open(read: () => Promise<RunFiles>): Promise<string | undefined> {
		return this.#attempt('The dataset could not be opened', async () => {
			const { record, events: stored, strays, pack } = await read();
			const { scenarios } = record.config;
			// All of it is looked at before anything is stored.
			const damage = [...strays];
			for (const scenario of scenarios) damage.push(...(await stored(scenario)).damage);
			if (damage.length > 0)
				throw damageError(
					damage,
					'Nothing was stored. Restore it from a copy; "npm run dataset -- --run" writes a dataset of what is left.'
				);
			for (let start = 0; start < scenarios.length; start += importedAtOnce) {
				const events: ScenarioEvent[] = [];
				for (const scenario of scenarios.slice(start, start + importedAtOnce))
					events.push(...(await stored(scenario)).events);
				const isLast = start + importedAtOnce >= scenarios.length;
				await this.service.import(isLast ? record : { ...record, status: 'unfinished' }, events, pack);
			}
			await this.refresh();
			return record.id;
		});
	}

	/** Opens a run for looking on; none means the list of runs. */
	async show(id: string | undefined): Promise<void> {
		this.#wanted = id;
		// One after the other: what was asked for last is shown.
		this.#showing = this.#showing.then(() => (this.#wanted === id ? this.#show(id) : undefined));
		await this.#showing;
	}

	async #show(id: string | undefined): Promise<void> {
		if (id === undefined) {
			await this.#attempt('The stored runs could not be listed', () => this.refresh());
			return;
		}
		if (this.run?.record.id === id) return;
		await this.#attempt('The run could not be opened', async () => {
			const record = (await this.service.list()).find((run) => run.id === id);
			const damaged = (await this.service.damagedRuns()).find((run) => run.id === id);
			if (damaged) throw new Error(damaged.reason);
			if (!record) {
				this.missing = id;
				return;
			}
			await this.run?.close();
			const interrupted = recall(runningKey(id)) !== undefined && this.runningId !== id;
			try {
				this.run = await RunView.open(this.service, record, interrupted, (done, of) => {
					this.reading = { done, of };
				});
			} finally {
				this.reading = undefined;
			}
		});
	}

	/** Returns when the run is finished, paused or failed. @param sources where its models are, if not where they were */
	async start(id: string, workers: number, sources?: RoleModels<ModelSource>): Promise<void> {
		this.runningId = id;
		this.workers = workers;
		remember(runningKey(id), 'yes');
		await this.#attempt('The run stopped', () =>
			this.service.start(id, { workers, ...(sources && { sources }) })
		);
		await this.#attempt('The stored runs could not be listed', async () => {
			await this.look();
			await this.refresh();
		});
		this.runningId = undefined;
		// Another tab may have been running it all the time.
		if (!this.runningElsewhere.includes(id)) remember(runningKey(id), undefined);
	}

	async pause(): Promise<void> {
		await this.#attempt('The run could not be paused', () => this.service.pause());
	}

	async delete(id: string): Promise<void> {
		await this.#attempt('The run could not be deleted', async () => {
			if (this.run?.record.id === id) {
				this.run.close();
				this.run = undefined;
			}
			await this.service.delete(id);
			remember(runningKey(id), undefined);
			await this.refresh();
		});
	}

	async #attempt<Result>(complaint: string, action: () => Promise<Result>): Promise<Result | undefined> {
		try {
			return await action();
		} catch (error) {
			this.notices.fail(complaint, error);
			return undefined;
		}
	}
}
