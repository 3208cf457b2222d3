import { seedOf } from '../base/hash.ts';
import type { Environment, Scenario } from '../environment/environment.ts';
import type { Agent, StepContext, UserSimulator } from '../talk/participants.ts';
import { apply, plant } from './josh/apply.ts';
import type { SearchEvent } from './events.ts';
import type { ExhaustedTries, SearchOptions } from './josh/options.ts';
import { pending, type WantedStep } from './pending.ts';
import { environmentRewards } from './rewards.ts';
import { EnvironmentStates } from './states.ts';
import { conversation, messagesOf, type SearchRules, type SearchTree } from './tree.ts';

/** One scenario to be searched. */
export interface SearchJob {
	readonly environment: Environment;
	readonly scenario: Scenario;
	readonly agent: Agent;
	readonly user: UserSimulator;
	readonly options: SearchOptions;
	/** The run's seed, unsigned 32 bit. */
	readonly seed: number;
	/** Tells repetitions of a scenario in one run apart; 0 by default. */
	readonly trial?: number;
	readonly exhausted?: ExhaustedTries;
	/** Events of an earlier start, from number 0. */
	readonly history?: readonly SearchEvent[];
	/** Aborting pauses: unfinished steps are dropped, to be taken again with the same seeds. */
	readonly signal?: AbortSignal;
	/** Text that is being written, for the screen. */
	readonly onText?: (step: WantedStep, text: string) => void;
}

/** A search that cannot go on: an agent or user simulator threw. What it yielded before is sound. */
export class SearchError extends Error {
	override readonly name = 'SearchError';
}

/** The rules of a job's tree: fold its events with `plant` and `apply` to get the tree that `search` grew. */
export function searchRules(
	job: Pick<SearchJob, 'environment' | 'scenario' | 'options' | 'exhausted'>
): SearchRules {
	const { environment, scenario, options, exhausted } = job;
	return {
		scenario: scenario.id,
		options,
		rewards: environmentRewards(environment, scenario),
		...(exhausted && { exhausted })
	};
}

/**
 * Runs JOSH on one scenario, from where `history` ends. All pending steps are taken side by side; each yields one event, in leaf
 * order, numbered on from the history. Returns the tree: done, or as far as it got before `signal` aborted.
 * @throws {HistoryError} if the history is not one of this job
 * @throws {SearchError} if a participant threw
 */
export async function* search(job: SearchJob): AsyncGenerator<SearchEvent, SearchTree, void> {
	const states = new EnvironmentStates(job.environment, job.scenario);
	let tree = plant(searchRules(job));
	for (const event of job.history ?? []) {
		tree = apply(tree, event);
		if (event.kind === 'agent') states.after(conversation(tree, event.path));
	}

	while (!tree.done && !job.signal?.aborted) {
		// Ends what is under way when this round is left early, whoever leaves it.
		const round = new AbortController();
		const stop = () => round.abort(job.signal?.reason);
		job.signal?.addEventListener('abort', stop, { once: true });
		let isWhole = false;
		try {
			const steps = pending(tree);
			const outcomes = steps.map((step) => takeStep(job, states, tree, step, round.signal));
			// Each is awaited in its turn below; a later one that fails meanwhile is not unhandled.
			for (const outcome of outcomes) outcome.catch(() => undefined);
			for (const [index, outcome] of outcomes.entries()) {
				let event: SearchEvent;
				try {
					event = { ...(await outcome), n: tree.events };
				} catch (error) {
					if (job.signal?.aborted) return tree;
					throw failure(job, steps[index]!, error);
				}
				tree = apply(tree, event);
				yield event;
			}
			isWhole = true;
		} finally {
			job.signal?.removeEventListener('abort', stop);
			if (!isWhole) round.abort();
		}
	}
	return tree;
}

type Unnumbered<Event> = Event extends unknown ? Omit<Event, 'n'> : never;

async function takeStep(
	job: SearchJob,
	states: EnvironmentStates,
	tree: SearchTree,
	step: WantedStep,
	signal: AbortSignal
): Promise<Unnumbered<SearchEvent>> {
	const entries = conversation(tree, step.path);
	const transcript = messagesOf(entries);
	const context: StepContext = {
		environment: states.environment,
		scenario: job.scenario,
		seed: (attempt) => stepSeed(job, step, attempt),
		signal,
		...(job.onText && { onText: (text: string) => job.onText!(step, text) })
	};
	return step.kind === 'agent'
		? { ...step, ...(await job.agent.step(transcript, states.after(entries), context)) }
		: { ...step, ...(await job.user.step(transcript, context)) };
}

/** Depends on the place of the generation in the tree alone, never on scheduling or on repeats after a fault. */
function stepSeed({ seed, scenario, trial = 0 }: SearchJob, step: WantedStep, attempt: number): number {
	const { kind, path, turn } = step;
	return seedOf(seed, scenario.id, trial, kind, path, turn, step.kind === 'agent' ? step.try : 0, attempt);
}

function failure(job: SearchJob, step: WantedStep, cause: unknown): SearchError {
	const problem = cause instanceof Error ? cause.message : String(cause);
	return new SearchError(
		`scenario ${job.scenario.id}, ${step.kind} at path '${step.path}', turn ${step.turn}: ${problem}`,
		{ cause }
	);
}
