import { replyMarkers } from '../../dialogue/syntax/index.ts';
import type { GenerateRequest, Sampling } from '../language-model.ts';

/** The body of one llama.cpp completion, as its server reads it. */
export interface CompletionBody {
	readonly prompt: string;
	readonly max_tokens: number;
	readonly [option: string]: unknown;
}

/** Everything that decides which token is drawn, stated outright so that no default of the engine does. */
function samplingOptions(sampling: Sampling, seed: number) {
	return {
		// The temperature comes first, as in other engines; llama.cpp's own order has it last.
		samplers: ['temperature', 'top_k', 'top_p', 'min_p'],
		temperature: sampling.temperature,
		top_k: sampling.topK,
		top_p: sampling.topP,
		min_p: sampling.minP,
		seed: engineSeed(seed),
		typical_p: 1,
		top_n_sigma: -1,
		xtc_probability: 0,
		dynatemp_range: 0,
		mirostat: 0,
		repeat_last_n: 0,
		repeat_penalty: 1,
		presence_penalty: 0,
		frequency_penalty: 0,
		dry_multiplier: 0,
		min_keep: 0,
		ignore_eos: false
	};
}

/** llama.cpp takes the highest 32-bit number for "draw a seed yourself". */
export function engineSeed(seed: number): number {
	const unsigned = seed >>> 0;
	return unsigned === 0xffff_ffff ? 0 : unsigned;
}

/** For a prompt whose reply does not matter: one token, since llama.cpp writes no fewer. */
export const shortestReply: Drawing = {
	sampling: { temperature: 0, topP: 1, topK: 1, minP: 0, maxTokens: 1 },
	seed: 0
};

/** One token, drawn from all of them. */
export const oneToken: Drawing = {
	sampling: { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens: 1 },
	seed: 0
};

type Drawing = Pick<GenerateRequest, 'sampling' | 'seed' | 'constraint'>;

/** Far more than what models tell of any token. */
const certainly = 1e6;

/**
 * @param banned ids of tokens that must never be drawn
 * @param certain the id of one that is to be drawn always
 */
export function completionBody(
	{ sampling, seed, constraint }: Drawing,
	prompt: string,
	banned: readonly number[],
	certain?: number
): CompletionBody {
	return {
		prompt,
		max_tokens: sampling.maxTokens,
		stream: true,
		cache_prompt: true,
		...samplingOptions(sampling, seed),
		logit_bias: [
			...banned.map((id) => [id, false]),
			...(certain === undefined ? [] : [[certain, certainly]])
		],
		// Control tokens, which llama.cpp leaves out of a reply unless they are named. Those that a vocabulary lacks change nothing.
		preserved_tokens: replyMarkers,
		...(constraint === undefined
			? {}
			: 'grammar' in constraint
				? { grammar: constraint.grammar }
				: { json_schema: constraint.jsonSchema })
	};
}
