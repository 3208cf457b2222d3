import { sha256 } from '../../src/base/hash.ts';
import { summaryVersion } from '../../src/harvest/search-summary.ts';
import { plainSampling } from '../../src/models/language-model.ts';
import type { AgentEvent, UserEvent } from '../../src/search/events.ts';
import { defaultSearchOptions } from '../../src/search/josh/options.ts';
import type { EndedSearch, RunRecord, ScenarioEvent } from '../../src/store/run-store.ts';

export const packText = '{"format":"a pack"}';
export const packHash = await sha256(packText);

const model = {
	name: 'small',
	hash: 'abc',
	engine: 'fake 1',
	settings: { threads: 1 },
	contextTokens: 1024,
	reproducible: true
};

/** Its scenarios are not in the order of the alphabet. */
export function sampleRecord(id: string, change: Partial<RunRecord> = {}): RunRecord {
	return {
		id,
		createdAt: '2026-01-01T00:00:00.000Z',
		config: {
			scenarios: ['second', 'first', 'third'],
			seed: 7,
			strategy: { kind: 'josh', ...defaultSearchOptions },
			agent: { kind: 'function-calling', sampling: { ...plainSampling } },
			user: { kind: 'goal', sampling: { ...plainSampling } },
			reward: { kind: 'goal-calls' }
		},
		origin: {
			eventSchema: 2,
			parts: { strategy: 1, agent: 1, user: 1, reward: 1 },
			pack: { id: 'desk', hash: packHash },
			agentModel: model,
			userModel: model
		},
		status: 'unfinished',
		activeMilliseconds: 0,
		...change
	};
}

export function userEvent(n: number, content = 'Hello'): UserEvent {
	return {
		kind: 'user',
		n,
		path: '',
		turn: 0,
		messages: [{ role: 'user', content, seenBy: 'both' }],
		over: false,
		tokens: { prompt: 10, completion: 3 }
	};
}

/** With words that a careless writer would break: line ends, quotes, other alphabets. */
export function agentEvent(n: number): AgentEvent {
	const call = { name: 'search', arguments: { area: 'north\n"of" 北' } };
	return {
		kind: 'agent',
		n,
		path: 'LR',
		turn: 1,
		try: 0,
		outcome: 'finished',
		messages: [
			{
				role: 'assistant',
				content: '',
				tool_calls: [{ id: 'call_1', type: 'function', function: call }],
				seenBy: 'agent'
			},
			{ role: 'tool', content: '[]', tool_call_id: 'call_1', name: 'search', seenBy: 'agent' },
			{ role: 'assistant', content: 'Nothing there.\u2028Sorry.', seenBy: 'both' }
		],
		calls: [{ ...call, result: [], ok: true }],
		tokens: { prompt: 40, completion: 12 }
	};
}

export function of(scenario: string, ...events: readonly ScenarioEvent['event'][]): ScenarioEvent[] {
	return events.map((event) => ({ scenario, event }));
}

/** What is kept of a search of so many events. */
export function ended(scenario: string, events: number, words = ''): EndedSearch {
	return {
		scenario,
		summary: {
			version: summaryVersion,
			result: 'failed',
			score: 0.5,
			goals: { earned: 1, all: 2 },
			causes: ['no call'],
			events,
			turns: 1,
			calls: { made: 2, refused: 1 },
			tools: ['search'],
			errors: { steps: 0 },
			tokens: { prompt: 40, completion: 12 },
			labels: { good: 0, bad: {}, unused: 1 },
			none: 'reward'
		},
		words
	};
}
