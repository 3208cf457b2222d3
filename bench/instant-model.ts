import { jsonText, type JsonObject } from '../src/base/json.ts';
import type { Generation, GenerateRequest, LanguageModel } from '../src/models/language-model.ts';

/** A model for both roles that answers at once: as agent, in each turn one call and then a reply. */
export class InstantModel implements Pick<LanguageModel, 'generate'> {
	readonly #order: (step: number, seed: number) => string;

	/** @param order the id that the agent's call in a search step names; steps count from 0 */
	constructor(order: (step: number, seed: number) => string) {
		this.#order = order;
	}

	async generate({ messages, tools, seed }: GenerateRequest): Promise<Generation> {
		if (tools.length === 0) return spoken(`Please go on with ${seed}.`);
		if (messages.at(-1)?.role !== 'user') return spoken(`Done, what else? (${seed})`);
		let step = -1;
		for (const { role } of messages) if (role === 'user') step++;
		return called({ order: this.#order(step, seed), note: 'changed' });
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

function called(args: JsonObject): Generation {
	const call = { name: 'change_order', arguments: args };
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
