import { seedOf } from '../base/hash.ts';
import type { StoredMessage } from '../dialogue/message.ts';
import type {
	Environment,
	EnvironmentState,
	ExecutedCall,
	Goal,
	Scenario
} from '../environment/environment.ts';
import { creditCalls } from './rewards/credit.ts';
import type { Agent, StepContext, Tokens, UserSimulator } from './participants.ts';

/** One conversation without a search. */
export interface ConversationJob {
	readonly environment: Environment;
	readonly scenario: Scenario;
	readonly agent: Agent;
	readonly user: UserSimulator;
	/** Unsigned 32 bit. */
	readonly seed: number;
	/** Tells repetitions of a scenario apart; 0 by default. */
	readonly trial?: number;
	/** 15 by default. */
	readonly maxAgentTurns?: number;
	/** Agent steps in one turn at the most, for agents that answer `continue`; 10 by default. */
	readonly tries?: number;
	readonly signal?: AbortSignal;
	readonly onText?: (speaker: 'agent' | 'user', text: string) => void;
}

/**
 * Why a conversation ended.
 * - `user`: said the stop words. `turns`: the agent had all its turns. `agent`: ended it.
 * - `error`: agent or user could not go on.
 */
export type ConversationEnd =
	| { readonly reason: 'user' | 'turns' | 'agent' }
	| { readonly reason: 'error'; readonly by: 'agent' | 'user'; readonly error: string };

export interface Conversation {
	readonly transcript: readonly StoredMessage[];
	readonly calls: readonly ExecutedCall[];
	readonly agentTurns: number;
	readonly end: ConversationEnd;
	/** Earned goals / goals; 0 if there are none. */
	readonly reward: number;
	/** Goals that no call earned. */
	readonly failed: readonly Goal[];
	readonly tokens: Tokens;
}

/**
 * Lets user and agent talk until one ends it, the user first. The reward is counted over all calls of the conversation.
 * Rejects with an `AbortError` after `signal` aborts, and with whatever else a participant throws.
 */
export async function converse(job: ConversationJob): Promise<Conversation> {
	const { environment, scenario, agent, user, signal, onText, maxAgentTurns = 15, tries = 10 } = job;
	const transcript: StoredMessage[] = [];
	const calls: ExecutedCall[] = [];
	const tokens = { prompt: 0, completion: 0 };
	let state = environment.initial(scenario);
	let agentTurns = 0;

	const context = (speaker: 'agent' | 'user', attempt: number): StepContext => ({
		environment,
		scenario,
		seed: (generation) =>
			seedOf(job.seed, scenario.id, job.trial ?? 0, speaker, '', agentTurns, attempt, generation),
		...(signal && { signal }),
		...(onText && { onText: (text: string) => onText(speaker, text) })
	});
	const take = (step: { messages: readonly StoredMessage[]; tokens: Tokens }) => {
		transcript.push(...step.messages);
		tokens.prompt += step.tokens.prompt;
		tokens.completion += step.tokens.completion;
	};

	const userSpeaks = async (): Promise<ConversationEnd | undefined> => {
		const step = await user.step([...transcript], context('user', 0));
		take(step);
		if (step.error !== undefined) return { reason: 'error', by: 'user', error: step.error };
		return step.over ? { reason: 'user' } : undefined;
	};

	const agentSpeaks = async (): Promise<ConversationEnd | undefined> => {
		for (let attempt = 0; attempt < tries; attempt++) {
			const step = await agent.step([...transcript], state, context('agent', attempt));
			take(step);
			calls.push(...(step.calls ?? []));
			state = (step.calls ?? []).reduce<EnvironmentState>(
				(before, call) => environment.call(before, call).state,
				state
			);
			if (step.error !== undefined) return { reason: 'error', by: 'agent', error: step.error };
			if (step.outcome === 'over' || step.outcome === 'raised') return { reason: 'agent' };
			if (step.outcome === 'finished') return undefined;
		}
		return { reason: 'error', by: 'agent', error: `the turn was not finished in ${tries} steps` };
	};

	let end: ConversationEnd | undefined;
	while (!end) {
		signal?.throwIfAborted();
		end = await userSpeaks();
		if (end) break;
		end = await agentSpeaks();
		agentTurns++;
		if (agentTurns === maxAgentTurns) end ??= { reason: 'turns' };
	}

	const { goals } = scenario;
	const positions = goals.map((_, position) => position);
	const earned = creditCalls(goals, positions, calls, (goal, call) => environment.earns(goal, call));
	return {
		transcript,
		calls,
		agentTurns,
		end,
		reward: goals.length === 0 ? 0 : earned.length / goals.length,
		failed: goals.filter((_, position) => !earned.includes(position)),
		tokens
	};
}
