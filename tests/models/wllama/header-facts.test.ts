import { expect, it } from 'vitest';
import { readGguf } from '../../../src/models/wllama/gguf.ts';
import { cacheValuesPerToken, quantisationOf } from '../../../src/models/wllama/header-facts.ts';
import { tinyGguf, type Changes } from '../fixtures/tiny-gguf.ts';

const header = (changes?: Changes) => readGguf(new Blob([tinyGguf(changes)]));

it.each<[string, Changes, number]>([
	// Two layers of keys and values, 64 wide each.
	['all heads', {}, 2 * 2 * 64],
	['half as many heads in the cache', { 'llama.attention.head_count_kv': { u32: 2 } }, 2 * 2 * 32],
	[
		'a number of heads for each layer',
		{ 'llama.attention.head_count_kv': { i32s: [1, 4] } },
		(1 + 4) * 2 * 16
	],
	[
		'widths of their own',
		{ 'llama.attention.key_length': { u32: 32 }, 'llama.attention.value_length': { u32: 8 } },
		2 * 4 * (32 + 8)
	]
])('counts what the cache holds for a token: %s', async (_, changes, values) => {
	expect(cacheValuesPerToken(await header(changes))).toBe(values);
});

it('names the quantisation, if the file does', async () => {
	expect(quantisationOf(await header({ 'general.file_type': { u32: 15 } }))).toBe('Q4_K_M');
	expect(quantisationOf(await header({ 'general.file_type': { u32: 999 } }))).toBeUndefined();
	expect(quantisationOf(await header())).toBeUndefined();
});
