import { jsonText } from '../src/base/json.ts';
import type { Call } from '../src/environment/environment.ts';
import type {
	Generation,
	GenerateRequest,
	LanguageModel,
	ModelIdentity
} from '../src/models/language-model.ts';

export const instantIdentity: ModelIdentity = {
	name: 'instant',
	hash: '0',
	engine: 'instant 1',
	settings: {},
	contextTokens: 1_000_000,
	reproducible: true
};

/** A model for both roles that answers at once: as agent, in each turn one call and then a reply. */
export class InstantModel implements LanguageModel {
	readonly identity = instantIdentity;
	readonly #call: (step: number, seed: number) => Call;
	readonly #filler: string;

	/**
	 * @param call the agent's call in a search step; steps count from 0
	 * @param words that each reply has beyond a few
	 */
	constructor(call: (step: number, seed: number) => Call, words = 0) {
		this.#call = call;
		this.#filler = ' word'.repeat(words);
	}

	async generate({ messages, tools, seed }: GenerateRequest): Promise<Generation> {
		if (tools.length === 0) return spoken(`Please go on with ${seed}.${this.#filler}`);
		if (messages.at(-1)?.role !== 'user') return spoken(`Done, what else? (${seed})${this.#filler}`);
		let step = -1;
		for (const { role } of messages) if (role === 'user') step++;
		return called(this.#call(step, seed));
	}

	async dispose(): Promise<void> {}
}

const rest = {
	finishReason: 'stop',
	usage: { promptTokens: 100, cachedTokens: 90, completionTokens: 10 },
	timing: { prompt: 0, completion: 0 }
} as const;

function spoken(content: string): Generation {
	return { message: { role: 'assistant', content }, text: content, ...rest };
}

function called({ name, arguments: args }: Call): Generation {
	const call = { name, arguments: args };
	return {
		message: {
			role: 'assistant',
			content: '',
			tool_calls: [{ id: 'call', type: 'function', function: call }]
		},
		text: `<tool_call>\n${jsonText(call)}\n</tool_call>`,
		...rest
	};
}
