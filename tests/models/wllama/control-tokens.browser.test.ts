import { afterAll, beforeAll, expect, it } from 'vitest';
import { replyMarkers } from '../../../src/dialogue/syntax/index.ts';
import { completionBody, oneToken } from '../../../src/models/wllama/completion.ts';
import { Instance } from '../../../src/models/wllama/instance.ts';
import { tinyGguf, tokens } from '../fixtures/tiny-gguf.ts';

// What llama.cpp itself does with control tokens, in a vocabulary that has marks in place of the bytes from 128 on.

const secret = '<|secret|>';
const added = [secret, ...replyMarkers.filter((mark) => !tokens.includes(mark))].slice(0, 128);
const spellings = tokens.map((token, id) => (id >= 128 ? added[id - 128] : undefined) ?? token);
const marks = replyMarkers.filter((mark) => spellings.includes(mark));

let instance: Instance;
beforeAll(async () => {
	const control = [...marks, secret, '<|endoftext|>', '<|im_start|>', '<|im_end|>'];
	const file = tinyGguf({
		'tokenizer.ggml.tokens': { strings: spellings },
		'tokenizer.ggml.token_type': { i32s: spellings.map((token) => (control.includes(token) ? 3 : 1)) }
	});
	instance = await Instance.start([new Blob([file])], {
		contextTokens: 512,
		batchTokens: 512,
		threads: 1,
		cacheType: 'f32',
		device: 'cpu',
		slots: 1,
		flashAttention: false,
		loadTimeout: 60_000
	});
});
afterAll(() => instance.exit());

/** What is shown of a reply that is this one token. */
async function shown(token: string, changes: object = {}): Promise<string> {
	let text = '';
	const body = { ...completionBody(oneToken, 'a', [], spellings.indexOf(token)), ...changes };
	await instance.complete(
		body,
		new AbortController().signal,
		({ choices }) => (text += choices[0]?.text ?? '')
	);
	return text;
}

it('shows the marks of calls and thoughts, all of them', async () => {
	expect(marks.length).toBeGreaterThan(replyMarkers.length * 0.9);
	const seen: string[] = [];
	for (const mark of marks) seen.push(await shown(mark));
	expect(seen).toEqual(marks);
});

it('leaves out what is not named: that is why they are', async () => {
	expect(await shown(secret)).toBe('');
	expect(await shown('<tool_call>', { preserved_tokens: [] })).toBe('');
});
