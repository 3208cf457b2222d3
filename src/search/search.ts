import { seedOf } from '../base/hash.ts';
import type { ChosenPart } from '../base/part.ts';
import type { Environment, EnvironmentState, Scenario } from '../environment/environment.ts';
import type { Agent, StepContext, UserSimulator } from '../talk/participants.ts';
import type { SearchEvent, WantedStep } from './events.ts';
import { apply, pending, plant, strategyOf } from './fold.ts';
import { Scorer, type Taken } from './scoring.ts';
import { EnvironmentStates } from './states.ts';
import { conversation, messagesOf, type ExhaustedTries, type SearchTree } from './tree.ts';

/** One scenario to be searched. */
export interface SearchJob {
	readonly environment: Environment;
	readonly scenario: Scenario;
	readonly agent: Agent;
	readonly user: UserSimulator;
	readonly scorer: Scorer;
	readonly strategy: ChosenPart;
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

/** A search that cannot go on: an agent, a user simulator or a reward threw. What it yielded before is valid. */
export class SearchError extends Error {
	override readonly name = 'SearchError';
}

/**
 * Has the conversations of one scenario, from where `history` ends. All pending steps are taken side by side; each yields one event, in leaf
 * order, numbered on from the history. Returns the tree: done, or as far as it got before `signal` aborted.
 * @throws {HistoryError} if the history is not one of this job
 * @throws {SearchError} if a participant threw
 */
export async function* search(job: SearchJob): AsyncGenerator<SearchEvent, SearchTree, void> {
	const { scenario, strategy, exhausted, scorer } = job;
	const states = new EnvironmentStates(job.environment, scenario);
	let tree = plant({ scenario: scenario.id, strategy, ...(exhausted && { exhausted }) });
	try {
		for (const event of job.history ?? []) {
			tree = apply(tree, event);
			if (event.calls?.length) await states.after(conversation(tree, event.path));
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
						event = await finish(scorer, states, tree, await outcome);
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
	} finally {
		states.release();
	}
}

/** A step and how its environment stands after it. */
interface Outcome {
	readonly taken: Taken;
	readonly state: EnvironmentState;
}

async function takeStep(
	job: SearchJob,
	states: EnvironmentStates,
	tree: SearchTree,
	step: WantedStep,
	signal: AbortSignal
): Promise<Outcome> {
	const entries = conversation(tree, step.path);
	const transcript = messagesOf(entries);
	const { scenario, seed, trial = 0, onText } = job;
	const context: StepContext = {
		environment: states.environment,
		scenario,
		seed: (attempt) => stepSeed(job, step, attempt),
		conversationSeed: seedOf(seed, scenario.id, trial, 'conversation'),
		...(strategyOf(tree.rules).isByAction(tree.rules) && { oneAction: true }),
		signal,
		...(onText && { onText: (text: string) => onText(step, text) })
	};
	const before = await states.after(entries);
	const taken: Taken =
		step.kind === 'agent'
			? { ...step, ...(await job.agent.step(transcript, before, context)) }
			: { ...step, ...(await job.user.step(transcript, before, context)) };
	return { taken, state: await states.afterCalls(before, step.kind, taken.calls ?? [], tree.events) };
}

/** Numbers and judges a step; steps of a round are judged in their order, each by the tree that those before it left. */
async function finish(
	scorer: Scorer,
	states: EnvironmentStates,
	tree: SearchTree,
	{ taken, state }: Outcome
): Promise<SearchEvent> {
	const event = await scorer.judge(tree, taken, state);
	if (!scorer.scores) return event;
	const after = apply(tree, event);
	if (!after.done) return event;
	const verdict = await scorer.verdict(after, await states.after(conversation(after, after.root)));
	return verdict ? { ...event, verdict } : event;
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
