/* eslint-disable svelte/prefer-svelte-reactivity -- what is drawn is replaced as a whole; thousands of reactive entries would be slow */
import { own } from '../base/own.ts';
import { plainCuration, type Rating } from '../dataset/curation/curation.ts';
import { objectionToRating } from '../dataset/curation/filters.ts';
import type {
	RunProgress,
	RunService,
	RunState,
	RunUpdate,
	SearchRow,
	ScenarioFacts
} from '../run/run-service.ts';
import { standingOf } from '../run/search-query.ts';
import { plant } from '../search/fold.ts';
import { searchId, type SearchId } from '../search/run.ts';
import type { RunRecord, ScenarioEvent } from '../store/run-store.ts';
import { viewId } from './view-id.ts';
import { Inbox } from './inbox.ts';
import { follow, hasNode, pictureBranch } from './picture.ts';
import { RunFilter } from './run-filter.svelte.ts';
import { ScenarioView, statusOfStanding, type ScenarioStatus } from './scenario-view.svelte.ts';

/** Milliseconds for which a finished tree stays on screen when the search is followed. */
const pause = 4000;
/** Trees that are in memory: the shown one, and those that were shown before it. */
const keptViews = 8;

/** The open run: a row for each search, and the trees of the few that are looked at. */
export class RunView {
	readonly record: RunRecord;
	readonly filter: RunFilter;
	readonly #service: RunService;
	readonly #inbox: Inbox;
	readonly #wasInterrupted: boolean;
	/** Where each search stands in the rows. */
	readonly #places: ReadonlyMap<string, number>;
	/** Rows that have changed since the last frame. */
	readonly #changed = new Map<number, SearchRow>();
	/** The one that was shown last at the end. */
	readonly #views = new Map<string, ScenarioView>();
	/** Events of searches that are being read, told meanwhile. */
	readonly #meanwhile = new Map<string, ScenarioEvent[]>();
	/** Searches that cannot be read to their end. */
	#unreadable: ReadonlySet<string> = new Set();
	#isOpen = false;
	#hasRunSince = $state(false);
	#unwatch: (() => void | Promise<void>) | undefined;
	#moveOn: ReturnType<typeof setTimeout> | undefined;

	rows = $state.raw<readonly SearchRow[]>([]);
	state = $state.raw<RunState>({ phase: 'idle' });
	progress = $state.raw<RunProgress>();
	/** What models did otherwise than they were asked. */
	warnings = $state.raw<readonly string[]>([]);
	/** What of the stored run cannot be read and belongs to no scenario, in sentences. */
	strays = $state.raw<readonly string[]>([]);
	/** Why searches could not be searched to their end, or not be read. */
	failures = $state.raw<ReadonlyMap<string, string>>(new Map());
	/** Searches in which something is being written. */
	#writing = $state.raw<ReadonlySet<string>>(new Set());
	/** What a person said of conversations, by scenario. */
	ratings = $state.raw<Readonly<Record<string, Rating | undefined>>>({});
	/** The view goes along with the search until something is selected by hand. */
	following = $state(true);
	shown = $state.raw() as ScenarioView;
	/** The search that is shown, or will be when it is read. */
	chosen = $state('');
	#selected = $state('');

	readonly selected = $derived.by(() =>
		hasNode(this.shown.tree, this.#selected) ? this.#selected : this.shown.tree.root
	);
	/** By the function that makes datasets. */
	readonly #labelled = $derived.by(() =>
		this.shown.labelled(objectionToRating(own(this.ratings, this.shown.scenario.id), plainCuration))
	);
	readonly branch = $derived(pictureBranch(this.shown.tree, this.selected, this.shown.texts, this.#labelled));
	/** What could not be read or not be searched to its end, in sentences. */
	readonly problems = $derived.by(() => [
		...this.strays,
		...Array.from(this.failures, ([id, failure]) => `${id}: ${failure}`)
	]);
	readonly begun = $derived((this.progress?.events ?? 0) > 0);
	/** It was running when its tab was closed, and has not gone on since. */
	readonly interrupted = $derived.by(() => this.#wasInterrupted && !this.#hasRunSince);

	private constructor(service: RunService, record: RunRecord, wasInterrupted: boolean) {
		this.#service = service;
		this.record = record;
		this.#wasInterrupted = wasInterrupted;
		this.ratings = record.ratings ?? {};
		this.filter = new RunFilter(service, record.id);
		const { scenarios, trials = 1 } = record.config;
		const ids = scenarios.flatMap((scenario) =>
			Array.from({ length: trials }, (_, trial) => viewId(searchId(scenario, trial)))
		);
		this.#places = new Map(ids.map((id, place) => [id, place]));
		this.#inbox = new Inbox({
			expected: (id) => this.#views.get(id)?.tree.events,
			fold: (id, event) => this.#views.get(id)?.fold(event),
			write: (id, texts) => {
				const view = this.#views.get(id);
				if (view) view.texts = texts;
				if (this.#writing.has(id) !== texts.length > 0)
					this.#writing = texts.length > 0 ? new Set(this.#writing).add(id) : without(this.#writing, id);
			},
			frame: () => this.#frame()
		});
	}

	/**
	 * Watches first and reads then, so that no event is missed.
	 * @param onReading how many scenarios have been read, of those that have to be before the run can be shown
	 */
	static async open(
		service: RunService,
		record: RunRecord,
		wasInterrupted: boolean,
		onReading: (done: number, of: number) => void
	): Promise<RunView> {
		const view = new RunView(service, record, wasInterrupted);
		view.#unwatch = await service.watch(record.id, (update) => {
			if (update.type === 'reading' && !view.#isOpen) onReading(update.done, update.of);
			else view.#receive(update);
		});
		try {
			// What has failed before anything runs is what cannot be read.
			view.#unreadable = new Set(view.failures.keys());
			view.rows = await service.rows(record.id);
			const [first] = view.rows;
			if (!first) throw new Error('The run has no scenarios.');
			view.shown = await view.#read(first);
			view.chosen = view.shown.id;
			view.#selected = follow(view.shown.tree, view.shown.tree.root);
			view.#isOpen = true;
			return view;
		} catch (error) {
			await view.close();
			throw error;
		}
	}

	async close(): Promise<void> {
		this.#inbox.close();
		this.filter.close();
		clearTimeout(this.#moveOn);
		await this.#unwatch?.();
	}

	get isActive(): boolean {
		return ['running', 'pausing', 'watching'].includes(this.state.phase);
	}

	/** How a search in the list stands. */
	statusOf(row: SearchRow): ScenarioStatus {
		const id = viewId(row);
		if (this.failures.has(id)) return 'broken';
		if (row.standing === 'waiting' && this.#writing.has(id) && this.isActive) return 'running';
		return statusOfStanding(row.standing, this.isActive);
	}

	/** Shows a search's tree, chosen by hand; resolves when it is there. @throws what reading it throws */
	async show(search: SearchId): Promise<void> {
		this.following = false;
		await this.#show(search);
	}

	/** Says of the shown scenario's conversation what a person thinks; nothing takes it back. */
	async rate(rating: Rating | undefined): Promise<void> {
		const { id } = this.shown.scenario;
		await this.#service.rate(this.record.id, id, rating);
		this.ratings = { ...this.ratings, [id]: rating };
		this.filter.ask({});
	}

	/** Selects a branch by hand. */
	select(path: string): void {
		this.following = false;
		this.#selected = path;
	}

	/** Goes along with the search again. */
	followAgain(): void {
		this.following = true;
		this.#follow();
	}

	#receive(update: RunUpdate): void {
		switch (update.type) {
			case 'state':
				this.state = update.state;
				if (update.state.phase === 'running' || update.state.phase === 'watching') this.#hasRunSince = true;
				if (['idle', 'paused', 'finished', 'failed'].includes(update.state.phase)) this.#inbox.forgetTexts();
				break;
			case 'progress':
				this.progress = update.progress;
				break;
			case 'damage':
				this.strays = update.damage;
				break;
			case 'failure':
				this.#fail(viewId(update), update.reason);
				break;
			case 'warning':
				if (!this.warnings.includes(update.warning)) this.warnings = [...this.warnings, update.warning];
				break;
			case 'event':
				this.#hear(update);
				break;
			case 'ended': {
				const { earned, all: goals } = update.summary.goals;
				this.#change(update, { standing: standingOf(update.summary), earned, goals });
				this.filter.renew();
				break;
			}
			case 'text':
				this.#inbox.text(update);
				break;
			case 'reading':
				break;
		}
	}

	#hear(one: Extract<RunUpdate, { type: 'event' }>): void {
		const id = viewId(one);
		// It goes on, so the failure was of an earlier session.
		if (this.failures.has(id) && !this.#unreadable.has(id)) this.failures = withoutKey(this.failures, id);
		this.#change(one, { standing: 'begun' });
		this.#meanwhile.get(id)?.push(one);
		this.#inbox.events([one]);
	}

	#fail(id: string, reason: string): void {
		this.failures = new Map(this.failures).set(id, reason);
	}

	/** Shown with the next frame: of a search with many workers there are many. */
	#change(search: SearchId, change: Partial<SearchRow>): void {
		const place = this.#places.get(viewId(search));
		const row = place === undefined ? undefined : (this.#changed.get(place) ?? this.rows[place]);
		if (!row || (change.standing === 'begun' && row.standing !== 'waiting')) return;
		this.#changed.set(place!, { ...row, ...change });
		this.#inbox.schedule();
	}

	#frame(): void {
		if (this.#changed.size > 0) {
			const rows = [...this.rows];
			for (const [place, row] of this.#changed) rows[place] = row;
			this.#changed.clear();
			this.rows = rows;
		}
		// Updates come while the first tree is still being read.
		if (this.following && this.#isOpen) this.#follow();
	}

	/** The tree of a search, as far as it has got; what is told from then on goes on in it. */
	async #read(search: SearchId): Promise<ScenarioView> {
		const id = viewId(search);
		const known = this.#views.get(id);
		if (known) return this.#keep(id, known);
		const { scenario, trial = 0 } = search;
		this.#meanwhile.set(id, []);
		try {
			const { facts, events, damage } = await this.#service.scenario(this.record.id, scenario);
			const view = this.#views.get(id) ?? this.#viewOf(facts, trial);
			if (damage.length > 0) {
				this.#unreadable = new Set(this.#unreadable).add(id);
				this.#fail(id, damage.join('; '));
			}
			// It may have been asked for twice, and have gone on meanwhile.
			for (const one of events)
				if ((one.trial ?? 0) === trial && one.event.n === view.tree.events) view.fold(one.event);
			this.#keep(id, view);
			this.#inbox.events(this.#meanwhile.get(id) ?? []);
			return view;
		} finally {
			this.#meanwhile.delete(id);
		}
	}

	#viewOf(facts: ScenarioFacts, trial: number): ScenarioView {
		const { strategy } = this.record.config;
		return new ScenarioView(facts, trial, plant({ scenario: facts.id, strategy }), {
			isActive: () => this.isActive,
			failure: (id) => this.failures.get(id),
			onDamage: (id, reason) => this.#fail(id, reason)
		});
	}

	#keep(id: string, view: ScenarioView): ScenarioView {
		this.#views.delete(id);
		this.#views.set(id, view);
		for (const old of [...this.#views.keys()].slice(0, -keptViews))
			if (this.#views.get(old) !== this.shown) this.#views.delete(old);
		return view;
	}

	async #show(search: SearchId): Promise<void> {
		const id = viewId(search);
		this.chosen = id;
		let view: ScenarioView;
		try {
			view = await this.#read(search);
		} catch (error) {
			if (this.chosen === id) this.chosen = this.shown.id;
			throw error;
		}
		// Another one may have been chosen meanwhile.
		if (this.chosen !== id) return;
		this.shown = view;
		this.#selected = follow(view.tree, view.tree.root);
	}

	#follow(): void {
		this.#selected = follow(this.shown.tree, this.#selected);
		if (this.#moveOn !== undefined || !this.#isElsewhere()) return;
		const delay = this.shown.status === 'waiting' ? 0 : pause;
		this.#moveOn = setTimeout(() => {
			this.#moveOn = undefined;
			const next = this.#running();
			if (next && this.following && this.#isElsewhere())
				this.#show(next).catch((error: unknown) =>
					this.#fail(viewId(next), error instanceof Error ? error.message : String(error))
				);
		}, delay);
	}

	/** The search goes on, but not in the shown tree. */
	#isElsewhere(): boolean {
		return this.shown.status !== 'running' && this.#running() !== undefined;
	}

	#running(): SearchRow | undefined {
		return this.isActive ? this.rows.find((row) => this.statusOf(row) === 'running') : undefined;
	}
}

function without(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
	const rest = new Set(set);
	rest.delete(id);
	return rest;
}

function withoutKey(map: ReadonlyMap<string, string>, id: string): ReadonlyMap<string, string> {
	const rest = new Map(map);
	rest.delete(id);
	return rest;
}
