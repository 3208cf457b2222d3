import { seedOf } from '../../src/base/hash.ts';
import { Random } from '../../src/base/random.ts';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import { packTables } from '../../src/environment/pack-environment.ts';
import type { ExecutedCall, Scenario } from '../../src/environment/environment.ts';
import type { Pack } from '../../src/environment/pack-format.ts';
import type { ModelIdentity } from '../../src/models/language-model.ts';
import type { ModelSource, RoleModels } from '../../src/models/source.ts';
import type { Rating } from '../../src/dataset/curation/curation.ts';
import { SelfCheck } from '../../src/dataset/check/self-check.ts';
import type { DatasetOutcome, DatasetService } from '../../src/run/dataset-service.ts';
import type { ModelService } from '../../src/run/model-service.ts';
import type {
	EnvironmentChoice,
	Facets,
	SearchQuery,
	SearchRow,
	StartOptions,
	StoredScenario,
	RunProgress,
	RunService,
	RunState,
	RunUpdate,
	TabStatus
} from '../../src/run/run-service.ts';
import { apply, pending, plant } from '../../src/search/fold.ts';
import type { SearchEvent, WantedStep } from '../../src/search/events.ts';
import { earnsGoal } from '../../src/environment/earns.ts';
import { creditCalls } from '../../src/talk/rewards/credit.ts';
import { callLabel, type RewardGoal } from '../../src/talk/rewards/reward-part.ts';
import type { RunConfig } from '../../src/search/run-config.ts';
import { goalsLeft, type SearchTree } from '../../src/search/tree.ts';
import { summarize, type SearchSummary } from '../../src/harvest/search-summary.ts';
import { facetsOf, isWanted, standingOf } from '../../src/run/search-query.ts';
import type { SearchId } from '../../src/search/run.ts';
import type { DamagedRun, RunRecord, ScenarioEvent, SummarizedSearch } from '../../src/store/run-store.ts';

const fakeModel: ModelIdentity = {
	name: 'fake',
	hash: 'fake',
	engine: 'fake',
	settings: {},
	contextTokens: 1,
	reproducible: true
};

/** A `RunService` without a model, a worker or a store: it makes up steps, in the search's own order. */
export class FakeRunService implements RunService {
	/** Why no model can be loaded. */
	refusal: Error | undefined;
	/** Stored runs that cannot be read. */
	damaged: DamagedRun[] = [];
	/** With what runs were started. */
	readonly starts: StartOptions[] = [];
	readonly #pack: Pack;
	readonly #others: readonly Pack[];
	readonly #runs = new Map<
		string,
		{ record: RunRecord; trees: Map<string, SearchTree>; events: ScenarioEvent[] }
	>();
	readonly #stepMilliseconds: number;
	#onUpdate: { id: string; tell: (update: RunUpdate) => void } | undefined;
	#state: RunState = { phase: 'idle' };
	#pausing = false;

	/** @param others environments beside that of `pack`, with scenarios that it has, too */
	constructor(pack: Pack, { stepMilliseconds = 0, others = [] as readonly Pack[] } = {}) {
		this.#pack = pack;
		this.#others = others;
		this.#stepMilliseconds = stepMilliseconds;
	}

	async environments() {
		return [this.#pack, ...this.#others].map(({ id }) => id);
	}

	async environment(name = this.#pack.id) {
		const pack = [this.#pack, ...this.#others].find(({ id }) => id === name);
		if (!pack) throw new Error(`There is no ${name}.`);
		const { id, title, scenarios } = pack;
		return {
			id,
			title,
			hash: 'hash',
			scenarios: scenarios.map((scenario) => ({
				...scenario,
				goals: scenario.goals.length,
				says: scenario.says?.length ?? 0
			}))
		};
	}

	async list(): Promise<RunRecord[]> {
		return [...this.#runs.values()].map(({ record }) => record).reverse();
	}

	async damagedRuns(): Promise<DamagedRun[]> {
		return this.damaged;
	}

	/** What is the matter beside the run that is watched. */
	tabStatus: TabStatus = { runningElsewhere: [] };

	async status(): Promise<TabStatus> {
		return this.tabStatus;
	}

	readonly models: ModelService = {
		useKey: async () => undefined,
		load: async () => {
			if (this.refusal) throw this.refusal;
			return { agent: fakeModel, user: fakeModel };
		}
	};

	readonly datasets: DatasetService = {
		export: (id) => this.#export(id),
		exportArchive: async (id) => ({ archive: new Blob(['zip']), summary: (await this.#export(id)).summary }),
		checkDataset: (id) => this.#dataset(id),
		exportDataset: (id) => this.#dataset(id)
	};

	async create(
		config: RunConfig,
		sources?: RoleModels<ModelSource>,
		environment?: EnvironmentChoice
	): Promise<RunRecord> {
		const id = environment && 'name' in environment ? environment.name : this.#pack.id;
		const record: RunRecord = {
			id: `run-${this.#runs.size + 1}`,
			createdAt: new Date().toISOString(),
			config,
			origin: {
				eventSchema: 2,
				parts: { strategy: 1, agent: 1, user: 1, reward: 1 },
				pack: { id, hash: 'hash' },
				agentModel: fakeModel,
				userModel: fakeModel
			},
			status: 'unfinished',
			activeMilliseconds: 0,
			...(sources && { sources })
		};
		this.#runs.set(record.id, { record, trees: this.#plant(config), events: [] });
		return record;
	}

	async import(record: RunRecord, events: readonly ScenarioEvent[]): Promise<void> {
		const trees = this.#plant(record.config);
		for (const { scenario, event } of events) trees.set(scenario, apply(trees.get(scenario)!, event));
		this.#runs.set(record.id, { record, trees, events: [...events] });
	}

	async delete(id: string): Promise<void> {
		this.#runs.delete(id);
		this.damaged = this.damaged.filter((run) => run.id !== id);
	}

	async events(id: string, scenario?: string): Promise<ScenarioEvent[]> {
		return this.#run(id).events.filter((one) => scenario === undefined || one.scenario === scenario);
	}

	async rows(id: string): Promise<SearchRow[]> {
		return [...this.#run(id).trees].map(([scenario, tree]) => {
			const { earned, all: goals } = this.#summary(tree).goals;
			const standing = tree.done ? standingOf(this.#summary(tree)) : tree.events > 0 ? 'begun' : 'waiting';
			return { scenario, standing, earned, goals: goals || goalsOf(this.#scenario(scenario)).length };
		});
	}

	async facets(id: string): Promise<Facets> {
		return facetsOf(this.#ended(id), this.#run(id).record.ratings ?? {});
	}

	async find(id: string, query: SearchQuery): Promise<SearchId[]> {
		const { ratings = {} } = this.#run(id).record;
		return this.#ended(id)
			.filter((search) => isWanted(search, query, ratings))
			.map(({ scenario }) => ({ scenario }));
	}

	async get(id: string): Promise<RunRecord> {
		return this.#run(id).record;
	}

	async scenario(id: string, one: string): Promise<StoredScenario> {
		const scenario = this.#scenario(one);
		const facts = { ...scenario, agentPrompt: this.#pack.prompts.agent, goals: goalsOf(scenario) };
		return { facts, events: await this.events(id, one), damage: [] };
	}

	async goldenConversation(): Promise<undefined> {}

	async pack(): Promise<string> {
		return JSON.stringify(this.#pack);
	}

	/** Two scenarios at a time, as two workers would. */
	async start(id: string, options: StartOptions): Promise<void> {
		this.starts.push(options);
		const { workers } = options;
		const run = this.#run(id);
		const began = performance.now();
		this.#pausing = false;
		this.setState({ phase: 'running' });
		const waiting = [...run.trees.keys()];
		const work = async () => {
			for (let scenario = waiting.shift(); scenario && !this.#pausing; scenario = waiting.shift())
				await this.#search(id, scenario, began);
		};
		await Promise.all(Array.from({ length: workers }, work));
		const finished = [...run.trees.values()].every(({ done }) => done);
		run.record = { ...run.record, status: finished ? 'finished' : 'unfinished' };
		this.setState({ phase: finished ? 'finished' : 'paused' });
	}

	async pause(): Promise<void> {
		this.#pausing = true;
		this.setState({ phase: 'pausing' });
	}

	async watch(id: string, tell: (update: RunUpdate) => void): Promise<() => void> {
		this.#onUpdate = { id, tell };
		tell({ type: 'state', state: this.#state });
		tell({ type: 'progress', progress: this.#progress(id, 0) });
		return () => (this.#onUpdate = undefined);
	}

	async rate(id: string, scenario: string, rating: Rating | undefined): Promise<void> {
		const run = this.#run(id);
		const { [scenario]: _, ...others } = run.record.ratings ?? {};
		run.record = { ...run.record, ratings: { ...others, ...(rating && { [scenario]: rating }) } };
	}

	#summary(tree: SearchTree): SearchSummary {
		return summarize(tree, this.#pack.prompts.agent);
	}

	#ended(id: string): SummarizedSearch[] {
		return [...this.#run(id).trees].flatMap(([scenario, tree]) =>
			tree.done ? [{ scenario, summary: this.#summary(tree) }] : []
		);
	}

	async #dataset(id: string): Promise<DatasetOutcome> {
		const { summary } = await this.#export(id);
		return { summary, report: new SelfCheck().report() };
	}

	async #export(id: string) {
		const { trees, events } = this.#run(id);
		const names = ['sft.jsonl', 'kto.jsonl', 'dpo.jsonl', 'manifest.json', 'events.jsonl'];
		return {
			files: names.map((name) => ({
				name,
				mediaType: 'application/json',
				content: new Blob([name === 'events.jsonl' ? JSON.stringify(events) : '{}'])
			})),
			summary: {
				scenarios: trees.size,
				withoutGoals: 0,
				unknown: 0,
				meanReward: 0.5,
				successRate: 0.5,
				examples: { sft: 3, kto: { true: 12, false: 30 }, dpo: 8 },
				tokens: { prompt: 0, completion: 0 },
				tokensPerSecond: 0,
				lost: [],
				leftOut: [],
				columns: []
			}
		};
	}

	/** What else a service may say of a run. */
	setState(state: RunState): void {
		this.#state = state;
		this.tell({ type: 'state', state });
	}

	tell(update: RunUpdate): void {
		this.#onUpdate?.tell(structuredClone(update));
	}

	#plant({ scenarios, strategy }: RunConfig): Map<string, SearchTree> {
		return new Map(scenarios.map((id) => [id, plant({ scenario: id, strategy })]));
	}

	#run(id: string) {
		const run = this.#runs.get(id);
		if (!run) throw new Error(`no run ${id}`);
		return run;
	}

	#scenario(id: string): Scenario {
		const scenario = this.#pack.scenarios.find((candidate) => candidate.id === id);
		if (!scenario) throw new Error(`no scenario ${id}`);
		return scenario;
	}

	async #search(id: string, scenario: string, began: number): Promise<void> {
		const run = this.#run(id);
		for (;;) {
			const tree = run.trees.get(scenario)!;
			const wanted = pending(tree);
			if (wanted.length === 0 || this.#pausing) return;
			for (const step of wanted) await this.#take(id, scenario, step, began);
		}
	}

	async #take(id: string, scenario: string, step: WantedStep, began: number): Promise<void> {
		const run = this.#run(id);
		const tree = run.trees.get(scenario)!;
		const event = this.#inventStep(tree, this.#scenario(scenario), step);
		const text = event.messages.at(-1)?.content ?? '';
		for (let length = 4; this.#stepMilliseconds > 0 && length < text.length; length += 4) {
			const { kind, path, turn } = step;
			this.tell({ type: 'text', scenario, kind, path, turn, text: text.slice(0, length) });
			await new Promise((resolve) => setTimeout(resolve, this.#stepMilliseconds / 10));
		}
		run.trees.set(scenario, apply(tree, event));
		run.events.push({ scenario, event });
		this.tell({ type: 'event', scenario, event });
		const after = run.trees.get(scenario)!;
		if (after.done) this.tell({ type: 'ended', scenario, summary: this.#summary(after) });
		this.tell({ type: 'progress', progress: this.#progress(id, performance.now() - began) });
	}

	#inventStep(tree: SearchTree, scenario: Scenario, step: WantedStep): SearchEvent {
		const random = new Random('fake', scenario.id, step.path, step.turn, step.kind);
		const n = tree.events;
		const tokens = { prompt: 400, completion: 30 };
		if (step.kind === 'user') {
			const over = n > 0 && random.chance(0.13);
			const content = over
				? 'Thank you, that is all. END_CONVERSATION'
				: random.pick([...scenario.userGoals, 'Yes, please do that for me.', 'And what is the reference?']);
			return {
				kind: 'user',
				n,
				...(n === 0 && { goals: goalsOf(scenario) }),
				path: step.path,
				turn: step.turn,
				over,
				tokens,
				messages: [{ role: 'user', content, seenBy: 'both' }]
			};
		}
		const { kind, path, turn } = step;
		const common = { kind, n, path, turn, try: step.try, tokens } as const;
		if (random.chance(0.04))
			return {
				...common,
				outcome: 'raised',
				messages: [],
				calls: [],
				error: 'the conversation is longer than the context (1024 tokens)'
			};
		const [goal] = goalsLeft(tree);
		const calls: ExecutedCall[] = [];
		if (goal && random.chance(0.75)) {
			const tables = packTables(this.#pack);
			const { name, arguments: wanted } = goal.call!;
			const right = random.chance(0.25);
			const args = right ? wanted : Object.fromEntries(Object.entries(wanted).slice(0, 1));
			calls.push(tables.call(tables.initial, { name, arguments: args }).executed);
		}
		const messages: StoredMessage[] = calls.flatMap((call, index): StoredMessage[] => {
			const callId = `call${seedOf(path, turn, index)}`;
			return [
				{
					role: 'assistant',
					content: '',
					seenBy: 'agent',
					tool_calls: [
						{ id: callId, type: 'function', function: { name: call.name, arguments: call.arguments } }
					]
				},
				{
					role: 'tool',
					name: call.name,
					tool_call_id: callId,
					content: JSON.stringify(call.result),
					seenBy: 'agent'
				}
			];
		});
		const reply = random.pick([
			'I found one that fits. Shall I book it for you?',
			'It is booked; the reference is A1234. Is there anything else?',
			'For how many people, and which day would you like?',
			'I am sorry, there is nothing like that in this part of town.'
		]);
		messages.push({ role: 'assistant', content: reply, seenBy: 'both' });
		const { goals } = scenario;
		const earned = creditCalls(goals, tree.left, calls, (goal, call) => call.ok && earnsGoal(goal, call));
		return { ...common, outcome: 'finished', messages, calls, ...(earned.length > 0 && { earned }) };
	}

	#progress(id: string, milliseconds: number): RunProgress {
		const { trees, events } = this.#run(id);
		const done = [...trees.values()].filter((tree) => tree.done);
		return {
			scenariosTotal: trees.size,
			scenariosDone: done.length,
			withoutGoals: 0,
			unknown: 0,
			successes: done.filter(({ left }) => left.length === 0).length,
			meanReward: done.length === 0 ? null : done.reduce((sum, { reward }) => sum + reward, 0) / done.length,
			events: events.length,
			promptTokens: events.length * 400,
			completionTokens: events.length * 30,
			tokensPerSecond: milliseconds > 0 ? (events.length * 30_000) / milliseconds : 0,
			activeMilliseconds: milliseconds,
			workers: 2
		};
	}
}

function goalsOf({ goals }: Scenario): RewardGoal[] {
	return goals.map(({ id, name, arguments: args }) => {
		const call = { name, arguments: args };
		return { id, label: callLabel(call), call };
	});
}
