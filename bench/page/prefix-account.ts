import type { GgufHeader } from '../../src/models/wllama/gguf.ts';
import { promptTokens } from '../../src/models/wllama/prompt-tokens.ts';
import { templateOf } from '../../src/models/wllama/prompts.ts';
import { PromptTrie } from './prompt-trie.ts';
import type { RecordedRequest } from './recorder.ts';

/** Prompt tokens of a recorded workload. */
export interface PrefixAccount {
	readonly requests: number;
	/** Of all prompts, shared beginnings each time. */
	readonly promptTokens: number;
	/** Not taken from a cache. */
	readonly processed: number;
	/** Distinct token positions of all prompts. */
	readonly distinct: number;
	/** Tokens with which all prompts of one role begin, both roles together. */
	readonly systemPrefix: number;
	/** Workers that answered anything. */
	readonly workers: number;
	/** Processed although another worker had them computed, prompt or reply. */
	readonly lostToRouting: number;
	/** Processed although the same worker had computed them before, prompt or reply. */
	readonly lostByEngine: number;
}

/** @throws if the tokenizer here and llama.cpp count differently */
export function prefixAccount(header: GgufHeader, recorded: readonly RecordedRequest[]): PrefixAccount {
	const tokenizer = promptTokens(header.metadata);
	const template = templateOf(header, 'compact');
	const vocabulary = 4096;
	const trie = new PromptTrie(vocabulary);
	const everywhere = new PromptTrie(vocabulary);
	const byWorker = new Map<number, PromptTrie>();
	const prefixes: { agent?: readonly number[]; user?: readonly number[] } = {};
	const account = { promptTokens: 0, processed: 0, lostToRouting: 0, lostByEngine: 0 };

	for (const { worker, request, generation } of recorded) {
		const tokens = tokenizer.encode(template.prompt(request).text);
		const { promptTokens: length, cachedTokens } = generation.usage;
		if (tokens.length !== length) {
			throw new Error(`a prompt has ${length} tokens, and ${tokens.length} by the tokenizer here`);
		}
		const here = byWorker.get(worker) ?? new PromptTrie(vocabulary);
		byWorker.set(worker, here);
		const known = here.shared(tokens);
		account.promptTokens += length;
		account.processed += length - cachedTokens;
		account.lostByEngine += Math.max(0, known - cachedTokens);
		account.lostToRouting += everywhere.shared(tokens) - known;
		trie.add(tokens);
		const whole = [...tokens, ...tokenizer.encode(generation.text)];
		here.add(whole);
		everywhere.add(whole);
		const role = request.tools.length > 0 ? 'agent' : 'user';
		prefixes[role] = common(prefixes[role] ?? tokens, tokens);
	}
	return {
		...account,
		requests: recorded.length,
		distinct: trie.size,
		systemPrefix: (prefixes.agent?.length ?? 0) + (prefixes.user?.length ?? 0),
		workers: byWorker.size
	};
}

function common(a: readonly number[], b: readonly number[]): readonly number[] {
	const end = a.findIndex((token, index) => token !== b[index]);
	return end < 0 ? a : a.slice(0, end);
}
