import { mix32 } from '../../src/base/hash.ts';
import type { Environment, Scenario } from '../../src/environment/environment.ts';
import { defaultSearchOptions, type SearchOptions } from '../../src/search/josh/options.ts';
import { scorerOf } from '../../src/search/compose.ts';
import type { SearchJob } from '../../src/search/search.ts';
import type { SearchRules } from '../../src/search/tree.ts';
import type { Agent, UserSimulator } from '../../src/talk/participants.ts';

/** One tool, `pick`, whose result depends on how often it was called before: replaying must thread the state. */
export const environment: Environment = {
	hash: 'test',
	id: 'test',
	title: 'Test',
	license: 'MIT',
	tools: [{ name: 'pick', description: 'Picks a number.', parameters: { type: 'object' } }],
	prompts: { agent: 'Help.', user: 'Goals:\n{{goals}}\nEnd with {{stop}}.', stop: 'BYE' },
	scenarios: [],
	initial: async () => ({ picks: [] }),
	async call(state, _actor, call) {
		const { picks } = state as { readonly picks: readonly unknown[] };
		return {
			state: { ...state, picks: [...picks, call.arguments] },
			executed: { ...call, result: { count: picks.length + 1 }, ok: true }
		};
	}
};

export function scenario(numbers: readonly number[], id = 'one'): Scenario {
	return {
		id,
		split: 'train',
		domains: ['test'],
		userGoals: numbers.map((number) => `Get ${number}.`),
		goals: numbers.map((number, i) => ({
			id: `goal${i}`,
			name: 'pick',
			arguments: { number },
			match: 'subset'
		}))
	};
}

const tokens = { prompt: 1, completion: 1 };

/** Lets other work go first, a different while for each seed. */
async function dawdle(seed: number): Promise<void> {
	for (let turns = mix32(seed) % 7; turns > 0; turns--) await Promise.resolve();
}

/** An agent that lives by its seed: picks a number below `range`, and sometimes fails or wants to go on. */
export function seededAgent(range: number): Agent {
	return {
		async step(transcript, state, { environment, seed }) {
			const drawn = seed(0);
			await dawdle(drawn);
			const { executed } = await environment.call(state, 'agent', {
				name: 'pick',
				arguments: { number: drawn % range }
			});
			const kind = mix32(drawn) % 20;
			const outcome = kind === 0 ? 'raised' : kind === 1 ? 'over' : kind < 6 ? 'continue' : 'finished';
			return {
				outcome,
				messages: [{ role: 'assistant', content: `${transcript.length}: ${drawn}`, seenBy: 'both' }],
				calls: [executed],
				tokens,
				...(outcome === 'raised' && { error: 'broken' })
			};
		}
	};
}

export const seededUser: UserSimulator = {
	async step(transcript, _state, { seed }) {
		const drawn = seed(0);
		await dawdle(drawn);
		const messages = [{ role: 'user', content: `${transcript.length}: ${drawn}`, seenBy: 'both' }] as const;
		return { messages, over: mix32(drawn) % 6 === 0, tokens };
	}
};

export function job(
	numbers: readonly number[],
	options: Partial<SearchOptions> = {},
	more: Partial<SearchJob> = {}
): SearchJob {
	const one = more.scenario ?? scenario(numbers);
	return {
		environment,
		scenario: one,
		agent: seededAgent(12),
		user: seededUser,
		scorer: scorerOf({ reward: { kind: 'goal-calls' } }, environment, one),
		strategy: { kind: 'josh', ...defaultSearchOptions, tries: 3, maxSteps: 8, ...options },
		seed: 1,
		...more
	};
}

/** What the tree of a job grows by. */
export function rulesOf({ scenario, strategy }: SearchJob): SearchRules {
	return { scenario: scenario.id, strategy };
}

/** Freezes a value and all it is made of. */
export function deepFreeze<T>(value: T, seen = new WeakSet<object>()): T {
	if (typeof value === 'object' && value !== null && !seen.has(value)) {
		seen.add(value);
		Object.freeze(value);
		for (const part of Object.values(value)) deepFreeze(part, seen);
	}
	return value;
}
