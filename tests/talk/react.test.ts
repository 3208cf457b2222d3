import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import { plainSampling } from '../../src/models/language-model.ts';
import { react, ReactAgent, type ReactOptions } from '../../src/talk/agents/react.ts';
import type { StepContext } from '../../src/talk/participants.ts';
import { environment, scenario } from '../search/fakes.ts';
import { FakeModel } from './fake-model.ts';

const context: StepContext = {
	environment,
	scenario: scenario([3]),
	seed: (attempt) => 100 + attempt,
	conversationSeed: 7
};
const opening: StoredMessage[] = [{ role: 'user', content: 'hello', seenBy: 'both' }];
const state = await environment.initial(context.scenario);
const step = (model: FakeModel, change: Partial<ReactOptions> = {}, more: Partial<StepContext> = {}) =>
	new ReactAgent(model, { sampling: plainSampling, quirks: 'fixed', tools: 'json', ...change }).step(
		opening,
		state,
		{ ...context, ...more }
	);
const lines = (messages: readonly StoredMessage[]) =>
	messages.map(({ role, content, seenBy }) => `${seenBy} ${role}: ${content}`);

describe('the ReAct agent', () => {
	it('plans, calls and speaks; the user hears bare words', async () => {
		const model = new FakeModel(
			'PLAN look first <COMMAND_END> APICALL {"name": "pick", "parameters": {"number": 3}} <COMMAND_END>',
			'SPEAK Here it is. <COMMAND_END> SPEAK And more. <COMMAND_END>'
		);
		const { messages, calls, outcome, tokens } = await step(model);
		expect(outcome).toBe('finished');
		expect(calls).toEqual([{ name: 'pick', arguments: { number: 3 }, result: { count: 1 }, ok: true }]);
		expect(lines(messages)).toEqual([
			'agent assistant: PLAN look first <COMMAND_END> APICALL {"name": "pick", "parameters": {"number": 3}} <COMMAND_END>',
			'agent user: APIRETURN {"count": 1}',
			'agent assistant: SPEAK Here it is. <COMMAND_END>',
			'user assistant: Here it is.'
		]);
		expect(tokens).toEqual({ prompt: 20, completion: 6 });
		// Its tools stand in the prompt; the engine is told of none.
		expect(model.requests[0]).toMatchObject({ tools: [], seed: 100 });
		expect(model.requests[0]!.messages[0]!.content).toContain('"name": "pick"');
		expect(model.requests[1]!.messages.map(({ role }) => role)).toEqual([
			'system',
			'user',
			'assistant',
			'user'
		]);
	});

	it('carries out several calls of one reply in their order, and threads the state', async () => {
		const call = (number: number) => `APICALL {"name": "pick", "parameters": {"number": ${number}}}`;
		const { calls } = await step(new FakeModel(`${call(1)}\n${call(2)}`, 'SPEAK Done.'));
		expect(calls!.map(({ result }) => result)).toEqual([{ count: 1 }, { count: 2 }]);
	});

	it('repeats the last plan before each command that follows it', async () => {
		const { messages } = await step(new FakeModel('PLAN a\nPLAN b\nSPEAK Hi.'));
		expect(lines(messages)[0]).toBe('agent assistant: PLAN b <COMMAND_END> SPEAK Hi. <COMMAND_END>');
	});

	it('is told what was wrong with a call: published and fixed', async () => {
		const broken = () => new FakeModel('APICALL {"name": "pick"}', 'SPEAK Sorry.');
		expect(lines((await step(broken(), { quirks: 'published' })).messages)[1]).toBe(
			'agent user: APIRETURN "FAILURE INCORRECTLY FORMATTED APICALL"'
		);
		const fixed = lines((await step(broken())).messages);
		expect(fixed[0]).toBe('agent assistant: APICALL {"name": "pick"}');
		expect(fixed[1]).toContain('"parameters\\" to be an object');
	});

	it('loses nothing of a reply without a command, but published only says that there was none', async () => {
		const talk = () => new FakeModel('I think so.', 'SPEAK Yes.');
		expect(lines((await step(talk(), { quirks: 'published' })).messages).slice(0, 1)).toEqual([
			'agent assistant: ERROR: NO COMMAND FOUND'
		]);
		expect(lines((await step(talk())).messages).slice(0, 2)).toEqual([
			'agent assistant: I think so.',
			'agent user: ERROR: NO COMMAND FOUND'
		]);
	});

	it('Q14: published deletes backslashes and finds commands anywhere', async () => {
		const reply = 'well SPEAK so \\ it is';
		expect(lines((await step(new FakeModel(reply), { quirks: 'published' })).messages)[1]).toBe(
			'user assistant: so  it is'
		);
		expect((await step(new FakeModel(reply, 'SPEAK a', 'x'))).messages.at(-1)!.content).toBe('a');
	});

	it('Q15: after three replies without words, published tells the user alone', async () => {
		const three = () => new FakeModel('PLAN a', 'PLAN b', 'PLAN c');
		const published = await step(three(), { quirks: 'published' });
		expect(lines(published.messages)).toEqual(['user assistant: Error: Agent ran out of retries.']);
		const fixed = await step(three());
		expect(lines(fixed.messages).at(-1)).toBe('both assistant: Error: Agent ran out of retries.');
		expect(fixed.outcome).toBe('finished');
	});

	it('ends a step with its first reply where actions are forked', async () => {
		const model = new FakeModel('APICALL {"name": "pick", "parameters": {}}');
		expect((await step(model, {}, { oneAction: true })).outcome).toBe('continue');
	});

	it('is taught by the view that its model has', async () => {
		const transcript: StoredMessage[] = [
			...opening,
			{ role: 'assistant', content: 'SPEAK Hi. <COMMAND_END>', seenBy: 'agent' },
			{ role: 'assistant', content: 'Hi.', seenBy: 'user' }
		];
		const view = react.view(environment, transcript, { tools: 'compact' });
		expect(view.map(({ role }) => role)).toEqual(['system', 'user', 'assistant']);
		expect(view[0]!.content).toContain('pick');
		expect(view[0]!.content).not.toContain('"name": "pick"');
	});
});
