import type { AssistantMessage } from '../../src/dialogue/message.ts';
import type {
	Generation,
	GenerateOptions,
	GenerateRequest,
	LanguageModel
} from '../../src/models/language-model.ts';

type Answer =
	| string
	| Error
	| { call: string; arguments?: object; thinks?: string }
	| { says: string; thinks: string; isCut?: true }
	| { text: string; problem: string; thinks?: string };

/** A model that gives these answers in order and remembers what it was asked. */
export class FakeModel implements Pick<LanguageModel, 'generate'> {
	readonly requests: GenerateRequest[] = [];
	readonly #answers: Answer[];

	constructor(...answers: Answer[]) {
		this.#answers = answers;
	}

	async generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation> {
		this.requests.push(request);
		options?.signal?.throwIfAborted();
		const answer = this.#answers.shift();
		if (answer === undefined) throw new Error('the model was asked too often');
		if (answer instanceof Error) throw answer;
		options?.onText?.('…');
		const more = {
			finishReason: 'stop',
			usage: { promptTokens: 10, cachedTokens: 4, completionTokens: 3 },
			timing: { prompt: 0, completion: 0 }
		} as const;
		if (typeof answer === 'string')
			return { message: { role: 'assistant', content: answer }, text: answer, ...more };
		const thought = answer.thinks !== undefined && { reasoning: answer.thinks };
		if ('says' in answer)
			return {
				message: { role: 'assistant', content: answer.says, ...thought },
				text: `<think>${answer.thinks}</think>${answer.says}`,
				...more,
				finishReason: answer.isCut ? 'length' : 'stop'
			};
		if ('problem' in answer)
			return {
				message: { role: 'assistant', content: answer.text, ...thought },
				text: answer.text,
				problem: answer.problem,
				...more
			};
		const first = { name: answer.call, arguments: (answer.arguments ?? {}) as never };
		const message: AssistantMessage = {
			role: 'assistant',
			content: '',
			...thought,
			tool_calls: [
				{ id: 'x', type: 'function', function: first },
				{ id: 'y', type: 'function', function: { name: 'second', arguments: {} } }
			]
		};
		return { message, text: '', ...more };
	}
}

/** An error as it arrives from a worker: its class is lost. */
export function named(name: string, message: string): Error {
	return Object.assign(new Error(message), { name });
}
