import type { JsonObject } from '../../base/json.ts';

/**
 * Servers by the `owned_by` of their models, and what turns off the samplers that they have on by default. A server that
 * is not here gets standard fields only: it might refuse others.
 */
const dialects: Readonly<Record<string, { readonly name: string; readonly off: JsonObject }>> = {
	vllm: { name: 'vLLM', off: { top_k: -1, min_p: 0, repetition_penalty: 1 } },
	sglang: { name: 'SGLang', off: { top_k: -1, min_p: 0, repetition_penalty: 1 } },
	llamacpp: { name: 'llama-server', off: { top_k: 0, min_p: 0, repeat_penalty: 1 } },
	// llama-cpp-python signs like this.
	me: { name: 'llama-cpp-python', off: { top_k: 0, min_p: 0, repeat_penalty: 1 } }
};

export interface Dialect {
	readonly name: string;
	/** Fields that turn samplers off. */
	readonly off: JsonObject;
}

export const standardDialect: Dialect = { name: 'standard', off: {} };

export function dialectOf(ownedBy: string | undefined): Dialect {
	return ownedBy !== undefined && Object.hasOwn(dialects, ownedBy) ? dialects[ownedBy]! : standardDialect;
}
