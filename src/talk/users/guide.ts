import { choice, options } from '../../base/options.ts';
import type { Message } from '../../dialogue/message.ts';
import type { EnvironmentFacts, Scenario } from '../../environment/environment.ts';
import type { Sampling } from '../../models/language-model.ts';
import { answerOf, type TalkModel } from '../answer.ts';
import { onlyThought } from '../failure.ts';
import type { StepContext, Transcript, UserSimulator, UserStep } from '../participants.ts';
import { samplingOptions } from '../sampling.ts';
import { userPart } from './user-part.ts';

export const guideUser = userPart({
	kind: 'guide',
	version: 1,
	label: 'Guide-based',
	options: options({
		sampling: samplingOptions('user', 0.3, 'lower: keeps to its goals'),
		quirks: choice(['fixed', 'published'], 'fixed', {
			label: 'Guide rules',
			hint: 'as published, with the labels of the transcript crossed, or with the right ones',
			flag: 'guide-quirks',
			rare: true
		})
	}),
	unfit: ({ dialogue }) =>
		dialogue?.length
			? undefined
			: 'it has no annotated dialogue ("dialogue"), which a guide-based user needs',
	create: ({ sampling, quirks }, { model }) => new GuideUser(model, sampling, quirks)
});

const quoteMark = 'Suggested quote:';

/**
 * The paper's guide-based user simulator (josh-behaviour, section 6): each time it is given, in one message, its goals, a dialogue that people
 * led about them and the transcript so far; what its reply holds after the last "Suggested quote:" is what the user says. With quirks
 * `published` the transcript calls the agent user and the user agent (Q17).
 */
export class GuideUser implements UserSimulator {
	readonly #model: TalkModel;
	readonly #sampling: Sampling;
	readonly #quirks: 'published' | 'fixed';

	constructor(model: TalkModel, sampling: Sampling, quirks: 'published' | 'fixed' = 'fixed') {
		this.#model = model;
		this.#sampling = sampling;
		this.#quirks = quirks;
	}

	async step(transcript: Transcript, _state: object, context: StepContext): Promise<UserStep> {
		const { environment, scenario } = context;
		const answer = await answerOf(
			this.#model,
			{
				messages: [this.#prompt(environment, scenario, transcript)],
				tools: [],
				sampling: this.#sampling
			},
			context,
			0
		);
		if ('failure' in answer)
			return { messages: [], over: true, error: answer.failure, tokens: { prompt: 0, completion: 0 } };
		const { usage, message } = answer;
		const tokens = { prompt: usage.promptTokens, completion: usage.completionTokens };
		const thought = message.reasoning !== undefined && { reasoning: message.reasoning };
		const quote = quoteIn(message.content);
		if (quote === '') {
			const aside = { role: 'user', content: message.content, ...thought, seenBy: 'user' } as const;
			const error =
				thought && message.content === ''
					? onlyThought('user', answer, this.#sampling)
					: 'the user said nothing';
			return { messages: [aside], over: true, error, tokens };
		}
		return {
			messages: [{ role: 'user', content: quote, ...thought, seenBy: 'both' }],
			over: quote.includes(environment.prompts.stop),
			tokens
		};
	}

	#prompt(
		{ prompts }: EnvironmentFacts,
		{ userGoals, dialogue = [] }: Scenario,
		transcript: Transcript
	): Message {
		const [agent, customer] = this.#quirks === 'published' ? ['user', 'agent'] : ['agent', 'customer'];
		const said = transcript.filter(({ seenBy }) => seenBy !== 'agent');
		return {
			role: 'user',
			content: [
				'You play the customer in a conversation with an agent. Your goals:',
				...userGoals,
				'',
				'A customer with the same goals once had this conversation; let it guide you, but answer what this agent says:',
				...dialogue.map(({ speaker, text }) => `${speaker}: ${text}`),
				'',
				'The conversation so far:',
				...said.map(({ role, content }) => `${role === 'user' ? customer : agent}: ${content}`),
				'',
				`Think about what the customer should say next, then write "${quoteMark}" and the customer's words. When all goals are reached, the words are ${prompts.stop}.`
			].join('\n')
		};
	}
}

/** What stands behind the last mark, or all of it without one, on one line and without double quotes. */
function quoteIn(reply: string): string {
	const at = reply.lastIndexOf(quoteMark);
	return reply
		.slice(at < 0 ? 0 : at + quoteMark.length)
		.replaceAll(/["\n]/g, '')
		.trim();
}
