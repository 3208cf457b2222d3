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
export class InstantModel implements Pick<LanguageModel, 'generate'> {
	readonly #call: (step: number, seed: number) => Call;

	/** @param call the agent's call in a search step; steps count from 0 */
	constructor(call: (step: number, seed: number) => Call) {
		this.#call = call;
	}

	async generate({ messages, tools, seed }: GenerateRequest): Promise<Generation> {
		if (tools.length === 0) return spoken(`Please go on with ${seed}.`);
		if (messages.at(-1)?.role !== 'user') return spoken(`Done, what else? (${seed})`);
		let step = -1;
		for (const { role } of messages) if (role === 'user') step++;
		return called(this.#call(step, seed));
	}
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
