import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { completionBody } from '../../../src/models/wllama/completion.ts';
import { readGguf } from '../../../src/models/wllama/gguf.ts';
import { Instance } from '../../../src/models/wllama/instance.ts';
import { PromptCache } from '../../../src/models/wllama/prompt-cache.ts';
import { promptTokens } from '../../../src/models/wllama/prompt-tokens.ts';
import { brokenTokens } from '../../../src/models/wllama/vocabulary.ts';
import { tinyGguf } from '../fixtures/tiny-gguf.ts';

const file = new Blob([tinyGguf()]);
const never = new AbortController().signal;

const instances: Instance[] = [];
afterEach(async () => {
	await Promise.all(instances.splice(0).map((instance) => instance.exit()));
});

async function start(): Promise<Instance> {
	const instance = await Instance.start([file], {
		contextTokens: 2048,
		batchTokens: 2048,
		threads: 1,
		cacheType: 'f32',
		device: 'cpu',
		slots: 1,
		flashAttention: false,
		loadTimeout: 60_000
	});
	instances.push(instance);
	return instance;
}

describe('a prompt cache', () => {
	it('says what llama.cpp has of a prompt, to the token, and changes no text', async () => {
		const header = await readGguf(file);
		const tokens = promptTokens(header.metadata);
		const banned = brokenTokens(header);
		const random = new Random(1);
		const [engine, fresh] = [await start(), await start()];
		const cache = new PromptCache(1, tokens);

		const answer = async (from: Instance, prompt: string, maxTokens: number) => {
			const sampling = { temperature: 1, topP: 1, topK: 0, minP: 0, maxTokens };
			let text = '';
			let length = 0;
			let cached = 0;
			await from.complete(completionBody({ sampling, seed: 7 }, prompt, banned), never, (chunk) => {
				text += chunk.choices[0]?.text ?? '';
				length = chunk.usage?.prompt_tokens ?? length;
				cached = chunk.usage?.prompt_tokens_details?.cached_tokens ?? cached;
			});
			expect(length).toBe(tokens.encode(prompt).length);
			return { text, length, cached };
		};
		const wrong: object[] = [];
		const ask = async (prompt: string, maxTokens: number) => {
			const place = cache.begin(prompt);
			const { text, length, cached } = await answer(engine, prompt, maxTokens);
			place.leave(text);
			const expected = Math.min(place.kept, length - 1);
			if (Math.abs(cached - expected) > 1) wrong.push({ prompt, cached, expected });
			return text;
		};

		const system = (role: string) =>
			`<|im_start|>system\nYou are the ${role}. ${'Be kind. '.repeat(20)}<|im_end|>\n`;
		const branches = ['agent', 'user'].flatMap((role) => [1, 2, 3].map(() => system(role)));
		let preparations = 0;
		for (let n = 0; n < 80; n++) {
			const branch = random.integer(0, branches.length - 1);
			const prompt = `${branches[branch]}<|im_start|>user\nQuestion ${n}: ${'how? '.repeat(random.integer(1, 20))}<|im_end|>\n<|im_start|>assistant\n`;
			const preparation = n % 10 < 8 ? cache.preparation(prompt) : undefined;
			if (preparation !== undefined) {
				await ask(preparation, 1);
				preparations++;
			}
			const text = await ask(prompt, 12);
			if (preparation !== undefined) expect(text).toBe((await answer(fresh, prompt, 12)).text);
			// Short conversations share much, so they are the ones that overwrite each other.
			branches[branch] = n % 12 === 0 ? system('agent') : `${prompt}${text}<|im_end|>\n`;
		}
		expect(wrong).toEqual([]);
		expect(preparations).toBeGreaterThan(3);
	});
});
