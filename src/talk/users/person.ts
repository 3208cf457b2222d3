import { options } from '../../base/options.ts';
import type { StepContext, Transcript, UserSimulator, UserStep } from '../participants.ts';
import { userPart, type AskPerson } from './user-part.ts';

export const person = userPart({
	kind: 'person',
	version: 1,
	label: 'A person',
	options: options({}),
	create(_options, { ask }) {
		if (!ask) throw new Error('There is nobody here who could be asked. Choose another user simulator.');
		return new PersonAsUser(ask);
	}
});

/** A person who writes the user's words. Saying nothing ends the conversation, as the stop words do. */
export class PersonAsUser implements UserSimulator {
	readonly #ask: AskPerson;

	constructor(ask: AskPerson) {
		this.#ask = ask;
	}

	async step(
		transcript: Transcript,
		_state: object,
		{ scenario, environment, signal }: StepContext
	): Promise<UserStep> {
		const { stop } = environment.prompts;
		const said = (await this.#ask(scenario, transcript, signal)).trim() || stop;
		return {
			messages: [{ role: 'user', content: said, seenBy: 'both' }],
			over: said.includes(stop),
			tokens: { prompt: 0, completion: 0 }
		};
	}
}
