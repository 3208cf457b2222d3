import type { Environment } from '../environment/environment.ts';
import type { LanguageModel } from '../models/language-model.ts';
import type { RoleModels } from '../models/source.ts';
import { composeRun } from '../search/compose.ts';
import { runSearches, searchId, type RunReport } from '../search/run.ts';
import type { SearchJob } from '../search/search.ts';
import type { AskPerson } from '../talk/users/user-part.ts';
import { summarize, wordsIn } from '../harvest/search-summary.ts';
import type { EndedSearch, RunChange, RunRecord, RunStore } from '../store/run-store.ts';
import { Batches } from './batches.ts';
import { LiveTexts } from './live-texts.ts';
import type { StartedModels } from './models.ts';
import type { RunProgress, RunState, RunUpdate } from './run-service.ts';
import type { RunSnapshot } from './stored-searches.ts';

/** Milliseconds between two updates of the progress. */
const progressInterval = 200;
/** Milliseconds between two notes of the running time in the store; a crash forgets no more than that. */
const timeInterval = 5000;

export interface SessionParts {
	readonly store: RunStore;
	readonly record: RunRecord;
	readonly environment: Environment;
	readonly snapshot: RunSnapshot;
	/** Scenarios side by side, and as many engines. */
	readonly workers: number;
	readonly tell: (update: RunUpdate) => void;
	/** Absent where there is nobody to ask. */
	readonly ask?: AskPerson;
}

/** How a session ends. */
export type SessionEnd =
	{ readonly phase: 'finished' | 'paused' } | Extract<RunState, { readonly reason: string }>;

/** One stretch of running a run, from a start to its end or a pause. What it tells of is stored already. */
export class RunSession {
	readonly #parts: SessionParts;
	readonly #texts: LiveTexts;
	/** By scenario. */
	readonly #failures: Map<string, string>;
	/** By warning, the replies that it concerns, or 1 if it is of the environment; those of earlier sessions too. */
	readonly #warnings: Map<string, number>;
	readonly #told: Set<string>;
	readonly #tokensBefore: number;
	readonly #began = performance.now();
	#progressAt = -Infinity;
	#timeAt = this.#began;

	constructor(parts: SessionParts) {
		this.#parts = parts;
		this.#texts = new LiveTexts(parts.tell);
		this.#failures = new Map(parts.snapshot.damaged);
		this.#warnings = new Map(Object.entries(parts.record.warnings ?? {}));
		this.#told = new Set(this.#warnings.keys());
		for (const warning of parts.environment.warnings ?? [])
			if (!this.#warnings.has(warning)) this.#warnings.set(warning, 1);
		this.#tokensBefore = parts.snapshot.figures.completionTokens;
	}

	get progress(): RunProgress {
		const { snapshot, workers } = this.#parts;
		const seconds = (performance.now() - this.#began) / 1000;
		const tokens = snapshot.figures.completionTokens - this.#tokensBefore;
		return snapshot.figures.progress(
			{ tokensPerSecond: seconds > 0 ? tokens / seconds : 0, activeMilliseconds: this.#activeMilliseconds },
			workers
		);
	}

	/**
	 * Searches what is not finished, and says how it ended; never rejects.
	 * @param signal aborting pauses
	 */
	async run(models: StartedModels, signal: AbortSignal): Promise<SessionEnd> {
		const { tell } = this.#parts;
		tell({ type: 'progress', progress: this.progress });
		for (const [scenario, reason] of this.#failures) tell({ type: 'failure', scenario, reason });
		let end: SessionEnd;
		try {
			// Of the environment: before anything is made of it.
			if (this.#hasUntold) await this.#note({});
			end = await this.#search(models, signal);
		} catch (error) {
			end = { phase: 'failed', reason: messageOf(error) };
		}
		this.#texts.stop();
		try {
			const status = end.phase === 'finished' ? 'finished' : 'unfinished';
			await this.#note({ status });
		} catch (error) {
			// The first reason is the better one: this is its consequence.
			if (end.phase !== 'failed') end = { phase: 'failed', reason: messageOf(error) };
		}
		tell({ type: 'progress', progress: this.progress });
		return end;
	}

	async #search(models: StartedModels, signal: AbortSignal): Promise<SessionEnd> {
		const { snapshot } = this.#parts;
		const failure = new AbortController();
		const reports = new Batches<RunReport>(
			(batch) => this.#keep(batch),
			(error) => failure.abort(error)
		);
		const searches = runSearches(this.#jobs(models), {
			// Lines of a plain conversation have no siblings to wait for.
			concurrency:
				this.#parts.record.config.strategy.kind === 'plain' ? models.conversations : models.searches,
			signal: AbortSignal.any([signal, failure.signal])
		});
		for await (const report of searches) {
			if (report.type === 'failure' && concernsAll(report.cause)) failure.abort(report.cause);
			else reports.add(report);
		}
		await reports.settled();
		failure.signal.throwIfAborted();
		if (snapshot.figures.isComplete) return { phase: 'finished' };
		return signal.aborted ? { phase: 'paused' } : { phase: 'failed', reason: this.#failureReason() };
	}

	*#jobs(models: RoleModels<LanguageModel>): Generator<SearchJob> {
		const { environment, record, snapshot, ask } = this.#parts;
		const compose = composeRun(record.config, {
			environment,
			agentModel: this.#heard(models.agent),
			userModel: this.#heard(models.user),
			...(ask && { ask })
		});
		for (const { scenario, trial, history } of snapshot.open) {
			const id = searchId(scenario.id, trial);
			yield {
				...compose(scenario, trial),
				history,
				onText: (step, text) => this.#texts.write({ ...step, ...id }, text)
			};
		}
	}

	/** First stored, then told. */
	async #keep(batch: readonly RunReport[]): Promise<void> {
		const { store, record, snapshot, tell } = this.#parts;
		const events = batch.flatMap((report) =>
			report.type === 'event' ? [{ ...searchId(report.scenario, report.trial), event: report.event }] : []
		);
		const ended = batch.flatMap((report) => (report.type === 'finished' ? [this.#endedSearch(report)] : []));
		if (events.length + ended.length > 0) await store.append(record.id, events, ended);
		const summaries = ended.values();
		for (const report of batch) {
			if (report.type === 'event') {
				const { event } = report;
				const id = searchId(report.scenario, report.trial);
				snapshot.figures.step(event);
				this.#texts.end({ ...event, ...id });
				tell({ type: 'event', ...id, event });
			} else if (report.type === 'finished') {
				const { words: _, ...search } = summaries.next().value!;
				snapshot.figures.finish(search.summary);
				tell({ type: 'ended', ...search });
			} else {
				const { scenario, trial, reason } = report;
				this.#failures.set(scenario, reason);
				tell({ type: 'failure', ...searchId(scenario, trial), reason });
			}
		}
		await this.#keepTime();
	}

	#endedSearch({ scenario, trial, tree }: Extract<RunReport, { type: 'finished' }>): EndedSearch {
		const summary = summarize(tree, this.#parts.environment.prompts.agent);
		return { ...searchId(scenario, trial), summary, words: wordsIn(tree) };
	}

	async #keepTime(): Promise<void> {
		const { tell } = this.#parts;
		const now = performance.now();
		if (now - this.#progressAt >= progressInterval) {
			this.#progressAt = now;
			tell({ type: 'progress', progress: this.progress });
		}
		if (now - this.#timeAt >= timeInterval || this.#hasUntold) {
			this.#timeAt = now;
			await this.#note({});
		}
	}

	/** Notes in the store what its events do not say. */
	async #note(change: RunChange): Promise<void> {
		const { store, record, tell } = this.#parts;
		const warnings = Object.fromEntries(this.#warnings);
		await store.update(record.id, {
			...change,
			activeMilliseconds: this.#activeMilliseconds,
			...(this.#warnings.size > 0 && { warnings })
		});
		for (const warning of Object.keys(warnings)) {
			if (this.#told.has(warning)) continue;
			this.#told.add(warning);
			tell({ type: 'warning', warning });
		}
	}

	/** The model, with an ear for its warnings. */
	#heard(model: LanguageModel): Pick<LanguageModel, 'generate'> {
		return {
			generate: async (request, options) => {
				const generation = await model.generate(request, options);
				for (const warning of generation.warnings ?? [])
					this.#warnings.set(warning, (this.#warnings.get(warning) ?? 0) + 1);
				return generation;
			}
		};
	}

	get #hasUntold(): boolean {
		return this.#told.size < this.#warnings.size;
	}

	get #activeMilliseconds(): number {
		return Math.round(this.#parts.record.activeMilliseconds + performance.now() - this.#began);
	}

	#failureReason(): string {
		const [first] = this.#failures;
		return (
			`${this.#failures.size} of ${this.#parts.record.config.scenarios.length} scenarios could not be searched to their end` +
			`${first ? `; the first: ${first[1]}` : ''}. Start the run again to try them once more.`
		);
	}
}

/** A model that cannot be loaded fails every scenario alike: the run waits rather than that all of them fail. */
function concernsAll(error: unknown): boolean {
	for (let cause = error; cause instanceof Error; cause = cause.cause) {
		if (cause.name === 'ModelLoadError') return true;
	}
	return false;
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
