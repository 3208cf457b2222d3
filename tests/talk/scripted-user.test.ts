import { describe, expect, it } from 'vitest';
import { createEnvironment } from '../../src/environment/pack-environment.ts';
import { generateTravel } from '../../src/environment/travel/travel.ts';
import type { Agent, StepContext, Transcript } from '../../src/talk/participants.ts';
import { ScriptedSimulator, tasksOf } from '../../src/talk/users/scripted.ts';
import { plainConversation } from './plain-conversation.ts';

const { pack, tasks } = generateTravel(6, { train: 60, val: 0, test: 0 });
const environment = createEnvironment(pack, 'hash');
/** The goals as a list of calls, made one a turn: an agent that knows them. */
const knowing: Agent = {
	async step(transcript, before, { environment, scenario }) {
		const turn = transcript.filter(({ role, seenBy }) => role === 'assistant' && seenBy === 'both').length;
		const goal = scenario.goals[turn];
		const said = (content: string, calls = []) => ({
			outcome: 'finished' as const,
			messages: [{ role: 'assistant' as const, content, seenBy: 'both' as const }],
			calls,
			tokens: { prompt: 0, completion: 0 }
		});
		if (!goal) return said('Is there anything else?');
		const { executed } = await environment.call(before, 'agent', {
			name: goal.name,
			arguments: goal.arguments
		});
		const words = goal.name.startsWith('book')
			? 'It is booked. Reference: A1234.'
			: `How about ${String(Object.values(goal.returnsFirst ?? {})[0])}?`;
		return said(words, [executed] as never);
	}
};

describe('the scripted user', () => {
	it('knows its tasks by the goals of a scenario', () => {
		for (const scenario of pack.scenarios) {
			const found = tasksOf(scenario)!;
			expect(found.map(({ domain, wanted, booking }) => ({ domain, wanted, booking }))).toEqual(
				tasks.get(scenario.id)!.map(({ domain, wanted, booking }) => ({ domain, wanted, booking }))
			);
		}
		expect(tasksOf({ goals: [], domains: [] })).toBeUndefined();
		expect(
			tasksOf({ goals: [{ id: 'g', name: 'shop', arguments: {}, match: 'subset' }], domains: ['shop'] })
		).toBeUndefined();
	});

	it('leads an agent through its tasks and then leaves', async () => {
		for (const scenario of environment.scenarios.slice(0, 20)) {
			const user = new ScriptedSimulator(0);
			const { end, failed } = await plainConversation({ environment, scenario, agent: knowing, user });
			expect(end).toEqual({ reason: 'user' });
			expect(failed).toEqual([]);
		}
	});

	it('says the same again after the same words, whatever it is asked to remember', async () => {
		const scenario = environment.scenarios[0]!;
		const context = { environment, scenario, conversationSeed: 9, seed: () => 0 } as StepContext;
		const user = new ScriptedSimulator(0.5);
		const opening = (await user.step([], {}, context)).messages;
		const transcript: Transcript = [
			...opening,
			{ role: 'assistant', content: 'Which area would you like?', seenBy: 'both' }
		];
		expect(await user.step(transcript, {}, context)).toEqual(
			await new ScriptedSimulator(0.5).step(transcript, {}, context)
		);
		expect((await user.step([], {}, { ...context, conversationSeed: 10 })).messages).not.toEqual(opening);
	});

	it('gives up on an agent that it cannot understand', async () => {
		const mumbling: Agent = {
			step: async () => ({
				outcome: 'finished',
				messages: [{ role: 'assistant', content: 'Hm, hm.', seenBy: 'both' }],
				calls: [],
				tokens: { prompt: 0, completion: 0 }
			})
		};
		const { transcript, end, agentTurns } = await plainConversation({
			environment,
			scenario: environment.scenarios[0]!,
			agent: mumbling,
			user: new ScriptedSimulator(0)
		});
		expect(end).toEqual({ reason: 'user' });
		expect(agentTurns).toBe(3);
		expect(transcript.at(-1)!.content).toContain('I do not understand you');
	});

	it('makes it harder for an agent the more noise it has', async () => {
		const success = async (noise: number) => {
			let won = 0;
			for (const scenario of environment.scenarios) {
				const agent = listening;
				const user = new ScriptedSimulator(noise);
				const { failed } = await plainConversation({ environment, scenario, agent, user });
				if (failed.length === 0) won++;
			}
			return won / environment.scenarios.length;
		};
		const [clear, blurred, loud] = [await success(0), await success(0.5), await success(1)];
		expect(clear).toBeGreaterThan(blurred);
		expect(blurred).toBeGreaterThan(loud);
	});
});

/** The goal calls are made as long as the user says what they hold: whatever it leaves out or mixes up is missed. */
const listening: Agent = {
	async step(transcript, before, context) {
		const heard = transcript
			.filter(({ role }) => role === 'user')
			.map(({ content }) => content)
			.join('\n');
		const isTold = (goal: { readonly arguments: object }) =>
			Object.values(goal.arguments).every(
				(value) => heard.includes(String(value)) || /^[A-Z]/.test(String(value))
			);
		const told = context.scenario.goals.filter(isTold);
		const scenario = { ...context.scenario, goals: told };
		return knowing.step(transcript, before, { ...context, scenario });
	}
};
