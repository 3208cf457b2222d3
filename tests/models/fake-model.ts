import {
	type GenerateOptions,
	type GenerateRequest,
	type Generation,
	type LanguageModel,
	type ModelIdentity,
	plainSampling
} from '../../src/models/language-model.ts';
import { abortError } from '../../src/base/abort.ts';

export const identity: ModelIdentity = {
	name: 'fake',
	hash: '0',
	engine: 'fake 1',
	settings: {},
	contextTokens: 1000,
	reproducible: true
};

export function request(text: string, seed = 1): GenerateRequest {
	return {
		messages: [
			{ role: 'system', content: 'You help.' },
			{ role: 'user', content: text }
		],
		tools: [],
		sampling: plainSampling,
		seed
	};
}

export function generation(text: string): Generation {
	return {
		message: { role: 'assistant', content: text },
		text,
		finishReason: 'stop',
		usage: { promptTokens: 10, cachedTokens: 4, completionTokens: 2 },
		timing: { prompt: 1, completion: 1 }
	};
}

export type Behaviour = (request: GenerateRequest, options: GenerateOptions) => Promise<Generation>;

/** The answer that a fake model gives: it tells requests apart by text and seed. */
export function answerTo({ messages, seed }: GenerateRequest): string {
	return `${messages.at(-1)?.content} #${seed}`;
}

/** A model that does what it is told; it fails the test when asked for two things at once. */
export class FakeModel implements LanguageModel {
	readonly identity: ModelIdentity;
	readonly requests: GenerateRequest[] = [];
	disposed = false;
	memory = 0;
	#running = 0;
	readonly #behaviour: Behaviour;

	constructor(
		behaviour: Behaviour = async (asked) => generation(answerTo(asked)),
		as: ModelIdentity = identity
	) {
		this.#behaviour = behaviour;
		this.identity = as;
	}

	async generate(asked: GenerateRequest, options: GenerateOptions = {}): Promise<Generation> {
		if (this.#running > 0) throw new Error('two requests at once');
		this.#running++;
		this.requests.push(asked);
		try {
			return await this.#behaviour(asked, options);
		} finally {
			this.#running--;
		}
	}

	async dispose(): Promise<void> {
		this.disposed = true;
	}
}

/** A promise that settles from outside, or with an `AbortError` when the signal aborts. */
export function deferred(options: GenerateOptions = {}) {
	let answer: (text: string) => void = () => {};
	let fail: (error: unknown) => void = () => {};
	const promise = new Promise<Generation>((resolve, reject) => {
		answer = (text) => resolve(generation(text));
		fail = reject;
		options.signal?.addEventListener('abort', () => reject(abortError()));
	});
	return { promise, answer, fail };
}
