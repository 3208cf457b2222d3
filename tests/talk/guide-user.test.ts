import { expect, it } from 'vitest';
import type { StoredMessage } from '../../src/dialogue/message.ts';
import { plainSampling } from '../../src/models/language-model.ts';
import type { StepContext } from '../../src/talk/participants.ts';
import { GuideUser, guideUser } from '../../src/talk/users/guide.ts';
import { environment, scenario } from '../search/fakes.ts';
import { FakeModel, named } from './fake-model.ts';

const guided = {
	...scenario([3]),
	dialogue: [
		{ speaker: 'customer', text: 'A three, please.' },
		{ speaker: 'agent', text: 'Here you are.' }
	] as const
};
const context: StepContext = { environment, scenario: guided, seed: () => 5, conversationSeed: 7 };
const transcript: StoredMessage[] = [
	{ role: 'user', content: 'hello', seenBy: 'both' },
	{ role: 'assistant', content: 'calls', seenBy: 'agent' },
	{ role: 'assistant', content: 'Hi!', seenBy: 'both' }
];
const step = (model: FakeModel, quirks?: 'published' | 'fixed') =>
	new GuideUser(model, plainSampling, quirks).step(transcript, {}, context);

it('is given goals, the annotated dialogue and what was said, in one message', async () => {
	const model = new FakeModel('Suggested quote: "I want\n a three."');
	expect(await step(model)).toEqual({
		messages: [{ role: 'user', content: 'I want a three.', seenBy: 'both' }],
		over: false,
		tokens: { prompt: 10, completion: 3 }
	});
	const [{ messages, tools }] = model.requests as [(typeof model.requests)[0]];
	expect(tools).toEqual([]);
	expect(messages.map(({ role }) => role)).toEqual(['user']);
	const { content } = messages[0]!;
	for (const part of [
		'Get 3.',
		'customer: A three, please.',
		'agent: Here you are.',
		'customer: hello',
		'agent: Hi!'
	])
		expect(content).toContain(part);
	expect(content).not.toContain('calls');
});

it('Q17: published crosses the labels of the transcript', async () => {
	const model = new FakeModel('Suggested quote: Fine.');
	await step(model, 'published');
	expect(model.requests[0]!.messages[0]!.content).toMatch(/agent: hello\nuser: Hi!/);
});

it('says what stands behind the last mark, or all of its reply without one', async () => {
	const { messages } = await step(new FakeModel('Suggested quote: no. Suggested quote: yes.'));
	expect(messages[0]!.content).toBe('yes.');
	expect((await step(new FakeModel('Just this.'))).messages[0]!.content).toBe('Just this.');
});

it('ends with the stop words, with nothing to say, and with a model that fails', async () => {
	expect(await step(new FakeModel('Suggested quote: Thanks. BYE'))).toMatchObject({ over: true });
	expect(await step(new FakeModel('Suggested quote: ""'))).toMatchObject({
		over: true,
		error: 'the user said nothing',
		messages: [{ seenBy: 'user' }]
	});
	expect(await step(new FakeModel(named('ContextOverflowError', '9 of 8')))).toMatchObject({
		over: true,
		error: 'context overflow: 9 of 8'
	});
});

it('fits only scenarios with a dialogue', () => {
	expect(guideUser.unfit!(guided, environment, {})).toBeUndefined();
	expect(guideUser.unfit!(scenario([3]), environment, {})).toContain('no annotated dialogue');
});
