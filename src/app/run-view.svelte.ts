import { plainCuration, type Rating } from '../dataset/curation/curation.ts';
import { objectionToRating } from '../dataset/curation/filters.ts';
import type { RunProgress, RunService, RunState, RunUpdate, ScenarioFacts } from '../run/run-service.ts';
import { plant } from '../search/fold.ts';
import type { RunRecord } from '../store/run-store.ts';
import { byId, viewId } from './by-id.ts';
import { Inbox } from './inbox.ts';
import { follow, hasNode, pictureBranch } from './picture.ts';
import { ScenarioView } from './scenario-view.svelte.ts';

/** Milliseconds for which a finished tree stays on screen when the search is followed. */
const pause = 4000;

/** The open run: what the service tells of it, folded into trees, and what of it is selected. */
export class RunView {
	readonly record: RunRecord;
	readonly scenarios: readonly ScenarioView[];
	readonly #service: RunService;
	readonly #byId: ReadonlyMap<string, ScenarioView>;
	readonly #inbox: Inbox;
	readonly #wasInterrupted: boolean;
	#hasRunSince = $state(false);
	#unwatch: (() => void | Promise<void>) | undefined;
	#moveOn: ReturnType<typeof setTimeout> | undefined;

	state = $state.raw<RunState>({ phase: 'idle' });
	progress = $state.raw<RunProgress>();
	/** What models did otherwise than they were asked. */
	warnings = $state.raw<readonly string[]>([]);
	/** What of the stored run cannot be read and belongs to no scenario, in sentences. */
	strays = $state.raw<readonly string[]>([]);
	/** What a person said of conversations, by scenario. */
	ratings = $state.raw<Readonly<Record<string, Rating | undefined>>>({});
	/** The view goes along with the search until something is selected by hand. */
	following = $state(true);
	#shownId = $state('');
	#selected = $state('');

	readonly shown: ScenarioView = $derived.by(() => this.#byId.get(this.#shownId) ?? this.scenarios[0]!);
	readonly selected = $derived.by(() =>
		hasNode(this.shown.tree, this.#selected) ? this.#selected : this.shown.tree.root
	);
	/** By the function that makes datasets. */
	readonly #labelled = $derived.by(() =>
		this.shown.labelled(objectionToRating(this.ratings[this.shown.scenario.id], plainCuration))
	);
	readonly branch = $derived(pictureBranch(this.shown.tree, this.selected, this.shown.texts, this.#labelled));
	/** What could not be read or not be searched to its end, in sentences. */
	readonly problems = $derived.by(() => [
		...this.strays,
		...this.scenarios.flatMap(({ id, failure }) => (failure === undefined ? [] : [`${id}: ${failure}`]))
	]);
	readonly begun = $derived((this.progress?.events ?? 0) > 0);
	/** It was running when its tab was closed, and has not gone on since. */
	readonly interrupted = $derived.by(() => this.#wasInterrupted && !this.#hasRunSince);

	constructor(
		service: RunService,
		record: RunRecord,
		scenarios: readonly ScenarioFacts[],
		wasInterrupted: boolean
	) {
		this.#service = service;
		this.record = record;
		this.#wasInterrupted = wasInterrupted;
		this.ratings = record.ratings ?? {};
		const isActive = () => ['running', 'pausing', 'watching'].includes(this.state.phase);
		const { strategy, trials = 1 } = record.config;
		this.scenarios = scenarios.flatMap((scenario) =>
			Array.from(
				{ length: trials },
				(_, trial) => new ScenarioView(scenario, trial, plant({ scenario: scenario.id, strategy }), isActive)
			)
		);
		this.#byId = byId(this.scenarios);
		this.#shownId = this.scenarios[0]?.id ?? '';
		this.#inbox = new Inbox({
			expected: (id) => this.#byId.get(id)?.tree.events,
			fold: (id, event) => this.#byId.get(id)?.fold(event),
			write: (id, texts) => {
				const scenario = this.#byId.get(id);
				// Text is drawn for the shown tree; of the others it only counts that there is some.
				if (scenario && (scenario === this.shown || texts.length === 0 || scenario.texts.length === 0))
					scenario.texts = texts;
			},
			frame: () => this.following && this.#follow()
		});
	}

	/** Watches first and reads then, so that no event is missed. */
	static async open(service: RunService, record: RunRecord, wasInterrupted: boolean): Promise<RunView> {
		const view = new RunView(service, record, await service.scenarios(record.id), wasInterrupted);
		view.#unwatch = await service.watch(record.id, (update) => view.#receive(update));
		// What has failed before anything runs is what cannot be read.
		for (const scenario of view.scenarios) scenario.isUnreadable = scenario.failure !== undefined;
		view.#inbox.events(await service.events(record.id));
		return view;
	}

	async close(): Promise<void> {
		this.#inbox.close();
		clearTimeout(this.#moveOn);
		await this.#unwatch?.();
	}

	/** Shows a scenario's tree, chosen by hand. */
	show(id: string): void {
		this.following = false;
		this.#show(id);
	}

	/** Says of the shown scenario's conversation what a person thinks; nothing takes it back. */
	async rate(rating: Rating | undefined): Promise<void> {
		const { id } = this.shown.scenario;
		await this.#service.rate(this.record.id, id, rating);
		this.ratings = { ...this.ratings, [id]: rating };
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
			case 'failure': {
				const scenario = this.#byId.get(viewId(update));
				if (scenario) scenario.failure = update.reason;
				break;
			}
			case 'warning':
				if (!this.warnings.includes(update.warning)) this.warnings = [...this.warnings, update.warning];
				break;
			case 'event':
				this.#inbox.events([update]);
				break;
			case 'text':
				this.#inbox.text(update);
				break;
		}
	}

	#show(id: string): void {
		this.#shownId = id;
		this.#selected = follow(this.shown.tree, this.shown.tree.root);
	}

	#follow(): void {
		this.#selected = follow(this.shown.tree, this.#selected);
		if (this.#moveOn !== undefined || !this.#isElsewhere()) return;
		const delay = this.shown.status === 'waiting' ? 0 : pause;
		this.#moveOn = setTimeout(() => {
			this.#moveOn = undefined;
			const next = this.#running();
			if (next && this.following && this.#isElsewhere()) this.#show(next.id);
		}, delay);
	}

	/** The search goes on, but not in the shown tree. */
	#isElsewhere(): boolean {
		return this.shown.status !== 'running' && this.#running() !== undefined;
	}

	#running(): ScenarioView | undefined {
		return this.scenarios.find(({ status }) => status === 'running');
	}
}
