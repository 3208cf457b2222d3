import { describe, expect, it } from 'vitest';
import { plainSampling } from '../../src/models/language-model.ts';
import { converse, type ConversationJob } from '../../src/talk/conversation.ts';
import { creditCalls } from '../../src/talk/rewards/credit.ts';
import { FunctionCallingAgent } from '../../src/talk/agents/function-calling.ts';
import { GoalUser } from '../../src/talk/users/goal.ts';
import { environment, scenario, seededAgent } from '../search/fakes.ts';
import { FakeModel, named } from './fake-model.ts';

function job(agent: FakeModel, user: FakeModel, more: Partial<ConversationJob> = {}): ConversationJob {
	return {
		environment,
		scenario: scenario([3, 5]),
		agent: new FunctionCallingAgent(agent, plainSampling),
		user: new GoalUser(user, plainSampling),
		seed: 1,
		...more
	};
}

const pick = (number: number) => ({ call: 'pick', arguments: { number } });

describe('a plain conversation', () => {
	it('counts the reward over all its calls', async () => {
		const agent = new FakeModel(pick(3), 'One.', pick(4), 'Two.');
		const user = new FakeModel('Hello.', 'Go on.', 'BYE');
		const result = await converse(job(agent, user));
		expect(result.end).toEqual({ reason: 'user' });
		expect(result.transcript.map(({ role }) => role).join(' ')).toBe(
			'user assistant tool assistant user assistant tool assistant user'
		);
		expect(result.calls.map((call) => call.result)).toEqual([{ count: 1 }, { count: 2 }]);
		expect(result).toMatchObject({ reward: 0.5, agentTurns: 2, tokens: { prompt: 70, completion: 21 } });
		expect(result.failed.map(({ id }) => id)).toEqual(['goal1']);
	});

	it('ends after the last turn of the agent', async () => {
		const agent = new FakeModel('a', 'b');
		const result = await converse(job(agent, new FakeModel('1', '2', '3'), { maxAgentTurns: 2 }));
		expect(result).toMatchObject({ end: { reason: 'turns' }, agentTurns: 2, reward: 0 });
		expect(result.transcript.at(-1)!.content).toBe('b');
	});

	it('ends at once when the user does', async () => {
		const result = await converse(job(new FakeModel(), new FakeModel('BYE')));
		expect(result).toMatchObject({ end: { reason: 'user' }, agentTurns: 0 });
	});

	it('says who could not go on, and keeps what was earned', async () => {
		const agent = new FakeModel(pick(3), named('ContextOverflowError', 'full'));
		expect(await converse(job(agent, new FakeModel('Hello.')))).toMatchObject({
			end: { reason: 'error', by: 'agent', error: 'context overflow: full' },
			reward: 0.5
		});
		expect(await converse(job(new FakeModel(), new FakeModel('')))).toMatchObject({
			end: { reason: 'error', by: 'user', error: 'the user said nothing' }
		});
	});

	it('is the same again with the same seed, and another with another trial', async () => {
		const run = (trial: number) =>
			converse(
				job(new FakeModel(), new FakeModel('1', '2', '3', 'BYE'), {
					agent: seededAgent(12),
					trial
				})
			);
		expect(await run(0)).toEqual(await run(0));
		expect((await run(0)).transcript).not.toEqual((await run(1)).transcript);
	});

	it('stops when it is aborted', async () => {
		const stop = AbortSignal.abort();
		await expect(
			converse(job(new FakeModel('a'), new FakeModel('b'), { signal: stop }))
		).rejects.toMatchObject({
			name: 'AbortError'
		});
	});
});

describe('crediting calls', () => {
	it('gives each call one goal and each goal one call', () => {
		const { goals } = scenario([3, 3, 5]);
		const call = (number: number) => ({ name: 'pick', arguments: { number }, result: null, ok: true });
		const earns = environment.earns;
		expect(creditCalls(goals, [0, 1, 2], [call(3), call(9)], earns)).toEqual([0]);
		expect(creditCalls(goals, [0, 1, 2], [call(5), call(3), call(3), call(3)], earns)).toEqual([2, 0, 1]);
		expect(creditCalls(goals, [1], [call(3)], earns)).toEqual([1]);
	});
});
