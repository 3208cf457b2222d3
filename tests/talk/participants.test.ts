import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import { plainSampling } from '../../src/models/language-model.ts';
import { FunctionCallingAgent } from '../../src/talk/agents/function-calling.ts';
import { GoalUser } from '../../src/talk/users/goal.ts';
import type { StepContext } from '../../src/talk/participants.ts';
import { agentView, userView } from '../../src/talk/views.ts';
import { environment, scenario } from '../search/fakes.ts';
import { FakeModel, named } from './fake-model.ts';

const context: StepContext = {
	environment,
	scenario: scenario([3]),
	seed: (attempt) => 100 + attempt,
	conversationSeed: 7
};
const opening: StoredMessage[] = [{ role: 'user', content: 'hello', seenBy: 'both' }];
const state = await environment.initial(context.scenario);

describe('the function-calling agent', () => {
	const step = (model: FakeModel, more: Partial<StepContext> = {}) =>
		new FunctionCallingAgent(model, plainSampling).step(opening, state, { ...context, ...more });

	it('replies', async () => {
		const model = new FakeModel('Hi.');
		expect(await step(model)).toEqual({
			outcome: 'finished',
			messages: [{ role: 'assistant', content: 'Hi.', seenBy: 'both' }],
			calls: [],
			tokens: { prompt: 10, completion: 3 }
		});
		expect(model.requests).toEqual([
			{
				messages: [
					{ role: 'system', content: 'Help.' },
					{ role: 'user', content: 'hello' }
				],
				tools: environment.tools,
				sampling: plainSampling,
				seed: 100
			}
		]);
	});

	it('carries out the first call of an answer only, and threads the state', async () => {
		const model = new FakeModel({ call: 'pick', arguments: { number: 1 } }, { call: 'pick' }, 'Done.');
		const { messages, calls, outcome, tokens } = await step(model);
		expect(outcome).toBe('finished');
		expect(calls).toEqual([
			{ name: 'pick', arguments: { number: 1 }, result: { count: 1 }, ok: true },
			{ name: 'pick', arguments: {}, result: { count: 2 }, ok: true }
		]);
		expect(messages.slice(0, 2)).toEqual([
			{
				role: 'assistant',
				content: '',
				seenBy: 'agent',
				tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'pick', arguments: { number: 1 } } }]
			},
			{ role: 'tool', content: '{"count": 1}', tool_call_id: 'call_1', name: 'pick', seenBy: 'agent' }
		]);
		expect(messages[2]).toMatchObject({ tool_calls: [{ id: 'call_3' }] });
		expect(messages.at(-1)).toEqual({ role: 'assistant', content: 'Done.', seenBy: 'both' });
		expect(model.requests.map(({ seed }) => seed)).toEqual([100, 101, 102]);
		expect(model.requests[2]!.messages.length).toBe(6);
		expect(tokens).toEqual({ prompt: 30, completion: 9 });
		expect(state).toEqual({ picks: [] });
	});

	it('is out of retries after three calls', async () => {
		const { outcome, messages, calls } = await step(
			new FakeModel({ call: 'pick' }, { call: 'pick' }, { call: 'pick' })
		);
		expect(outcome).toBe('finished');
		expect(calls?.length).toBe(3);
		expect(messages.at(-1)).toEqual({
			role: 'assistant',
			content: 'Error: Agent ran out of retries.',
			seenBy: 'both'
		});
	});

	it('raises at a malformed call and keeps what was written', async () => {
		const text = '<tool_call>\n{"name": pick}\n</tool_call>';
		const model = new FakeModel({ call: 'pick' }, { text, problem: 'the call is not JSON' });
		const { outcome, messages, calls, error } = await step(model);
		expect({ outcome, error }).toEqual({ outcome: 'raised', error: 'the call is not JSON' });
		expect(calls?.length).toBe(1);
		expect(messages.at(-1)).toEqual({ role: 'assistant', content: text, seenBy: 'agent' });
	});

	it('keeps its thoughts beside what it says, calls and writes wrongly', async () => {
		const said = await step(
			new FakeModel({ call: 'pick', thinks: 'First 1.' }, { says: 'Done.', thinks: 'That is all.' })
		);
		expect(said.messages).toMatchObject([
			{ content: '', reasoning: 'First 1.', tool_calls: [{}], seenBy: 'agent' },
			{ role: 'tool' },
			{ content: 'Done.', reasoning: 'That is all.', seenBy: 'both' }
		]);
		const wrong = await step(new FakeModel({ text: 'pick(', problem: 'no call', thinks: 'Now.' }));
		expect(wrong.messages).toEqual([
			{ role: 'assistant', content: 'pick(', reasoning: 'Now.', seenBy: 'agent' }
		]);
	});

	it('says nothing aloud when only thoughts came, and tells why', async () => {
		const cut = await step(new FakeModel({ call: 'pick' }, { says: '\n', thinks: 'Hm, I', isCut: true }));
		expect(cut).toMatchObject({
			outcome: 'raised',
			error:
				'the agent was still thinking when its reply ended at 256 tokens, and said nothing: allow more tokens a message, or switch thinking off'
		});
		expect(cut.calls?.length).toBe(1);
		expect(cut.messages.at(-1)).toMatchObject({ reasoning: 'Hm, I', seenBy: 'agent' });
		const ended = await step(new FakeModel({ says: '', thinks: 'Hm.' }));
		expect(ended).toMatchObject({ outcome: 'raised', error: 'the agent only thought, and said nothing' });
	});

	it('may say nothing at all', async () => {
		expect(await step(new FakeModel(''))).toMatchObject({
			outcome: 'finished',
			messages: [{ role: 'assistant', content: '', seenBy: 'both' }]
		});
	});

	it.each([
		['ContextOverflowError', 'context overflow: 1200 of 1024 tokens'],
		['PromptError', 'chat template: 1200 of 1024 tokens'],
		['ModelFaultError', 'model fault: 1200 of 1024 tokens']
	])('ends the branch at a %s, keeping its calls', async (name, error) => {
		const model = new FakeModel({ call: 'pick' }, named(name, '1200 of 1024 tokens'));
		const taken = await step(model);
		expect(taken).toMatchObject({ outcome: 'over', error, tokens: { prompt: 10, completion: 3 } });
		expect(taken.calls?.length).toBe(1);
	});

	it.each(['ModelLoadError', 'TypeError'])(
		'throws on what says nothing of the conversation: %s',
		async (name) => {
			await expect(step(new FakeModel(named(name, 'broken')))).rejects.toThrow('broken');
		}
	);

	it('rejects when it is aborted', async () => {
		await expect(step(new FakeModel('Hi.'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
			name: 'AbortError'
		});
	});

	it('shows its text while it writes', async () => {
		const texts: string[] = [];
		await step(new FakeModel('Hi.'), { onText: (text) => texts.push(text) });
		expect(texts).toEqual(['…']);
	});
});

describe('the goal user', () => {
	const step = (model: FakeModel, transcript: StoredMessage[] = opening, more: Partial<StepContext> = {}) =>
		new GoalUser(model, plainSampling).step(transcript, state, { ...context, ...more });

	it('opens from its system message alone', async () => {
		const model = new FakeModel('I want 3.');
		expect(await step(model, [])).toEqual({
			messages: [{ role: 'user', content: 'I want 3.', seenBy: 'both' }],
			over: false,
			tokens: { prompt: 10, completion: 3 }
		});
		expect(model.requests[0]).toMatchObject({
			messages: [{ role: 'system', content: 'Goals:\nGet 3.\nEnd with BYE.' }],
			tools: []
		});
	});

	it('ends with the stop words, which stay in its message', async () => {
		const { over, messages } = await step(new FakeModel('Thanks. BYE'));
		expect(over).toBe(true);
		expect(messages[0]!.content).toBe('Thanks. BYE');
	});

	it('ends the conversation when it says nothing', async () => {
		expect(await step(new FakeModel(' \n'))).toMatchObject({
			over: true,
			messages: [],
			error: 'the user said nothing'
		});
	});

	it('goes on when only a thought holds the stop words, and keeps it', async () => {
		const thinks = 'When all is done I must say BYE, but not yet.';
		expect(await step(new FakeModel({ says: 'Please plan 2026-01-05.', thinks }))).toMatchObject({
			over: false,
			messages: [{ role: 'user', content: 'Please plan 2026-01-05.', reasoning: thinks, seenBy: 'both' }]
		});
	});

	it('ends the conversation when only thoughts came, and tells why', async () => {
		expect(await step(new FakeModel({ says: ' ', thinks: 'I say BYE', isCut: true }))).toMatchObject({
			over: true,
			messages: [{ role: 'user', content: '', reasoning: 'I say BYE', seenBy: 'user' }],
			error: expect.stringContaining('the user was still thinking when its reply ended at 256 tokens')
		});
		expect(await step(new FakeModel({ says: '', thinks: 'Hm.' }))).toMatchObject({
			over: true,
			error: 'the user only thought, and said nothing'
		});
	});

	it('ends the conversation when its context overflows', async () => {
		expect(await step(new FakeModel(named('ContextOverflowError', '9 of 8 tokens')))).toMatchObject({
			over: true,
			error: 'context overflow: 9 of 8 tokens'
		});
	});

	it('rejects when it is aborted', async () => {
		const aborted = step(new FakeModel('x'), opening, { signal: AbortSignal.abort() });
		await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
	});
});

describe('views', () => {
	const transcript: StoredMessage[] = [
		{ role: 'user', content: 'a', seenBy: 'both' },
		{ role: 'assistant', content: 'b', seenBy: 'agent' },
		{ role: 'tool', content: 'c', tool_call_id: 'call_1', name: 'pick', seenBy: 'agent' },
		{ role: 'assistant', content: 'd', seenBy: 'both' },
		{ role: 'assistant', content: 'e', seenBy: 'user' }
	];

	it('shows the agent all but what only the user was told', () => {
		const view = agentView(environment, transcript);
		expect(view.map(({ content }) => content)).toEqual(['Help.', 'a', 'b', 'c', 'd']);
		expect(view[3]).toEqual({ role: 'tool', content: 'c', tool_call_id: 'call_1', name: 'pick' });
	});

	it('shows each side no thoughts but those of the agent to itself', () => {
		const thinking = transcript.map((message) =>
			message.role === 'user' || message.role === 'assistant'
				? { ...message, reasoning: `Before ${message.content}.` }
				: message
		);
		const { scenario } = context;
		expect(userView(environment, scenario, thinking)).toEqual(userView(environment, scenario, transcript));
		const thoughts = agentView(environment, thinking).map((message) =>
			'reasoning' in message ? message.reasoning : undefined
		);
		expect(thoughts).toEqual([undefined, undefined, 'Before b.', undefined, 'Before d.']);
	});

	it('shows the user what was said aloud, with the roles swapped', () => {
		expect(userView(environment, context.scenario, transcript).slice(1)).toEqual([
			{ role: 'assistant', content: 'a' },
			{ role: 'user', content: 'd' },
			{ role: 'user', content: 'e' }
		]);
	});
});
