import { describe, expect, it } from 'vitest';
import { readGguf } from '../../../src/models/wllama/gguf.ts';
import { brokenTokens } from '../../../src/models/wllama/vocabulary.ts';
import { tinyAdapter, tinyGguf, tokens } from '../fixtures/tiny-gguf.ts';

const file = tinyGguf();
const blob = (...parts: BlobPart[]) => new Blob(parts);

describe('readGguf', () => {
	it('reads metadata and tensors', async () => {
		const { version, metadata, tensors } = await readGguf(blob(file));
		expect(version).toBe(3);
		expect(metadata.get('general.architecture')).toBe('llama');
		expect(metadata.get('llama.block_count')).toBe(2);
		expect(metadata.get('llama.attention.layer_norm_rms_epsilon')).toBeCloseTo(1e-5);
		expect(metadata.get('tokenizer.ggml.tokens')).toEqual(tokens);
		expect(metadata.get('tokenizer.ggml.add_bos_token')).toBe(false);
		expect(tensors).toHaveLength(20);
		expect(tensors[0]).toMatchObject({ name: 'token_embd.weight', shape: [64, tokens.length], type: 0 });
	});

	it('reads a header that is longer than its first look', async () => {
		const long = tinyGguf({ 'general.description': { string: 'x'.repeat(3 << 20) } });
		expect((await readGguf(blob(long))).tensors).toHaveLength(20);
	});

	const at = (index: number, ...bytes: number[]) => {
		const copy = file.slice();
		copy.set(bytes, index);
		return copy;
	};
	it.each([
		['nothing', blob(), /empty/],
		['a web page', blob('<!doctype html><title>Not found</title>'), /web page/],
		['a ZIP archive', blob('PK\u0003\u0004…'), /ZIP/],
		['a Git LFS pointer', blob('version https://git-lfs.github.com/spec/v1'), /LFS/],
		['other bytes', blob(new Uint8Array(1000).fill(7)), /not a GGUF/],
		['a short start', blob('GG'), /not a GGUF/],
		['an unknown version', blob(at(4, 9)), /version 9/],
		['a cut header', blob(file.slice(0, 3000)), /incomplete.*Download it again/],
		['cut weights', blob(file.slice(0, -5000)), /incomplete.*ends at byte/],
		['a mad count of tensors', blob(at(8, 255, 255, 255, 255)), /damaged.*tensors/],
		['a mad count of entries', blob(at(16, 255, 255, 255, 255)), /damaged.*entries/],
		['a mad length of text', blob(at(24, 255, 255, 255, 255, 255, 255)), /damaged/],
		['no weights', blob(at(8, 0)), /damaged.*no weights/]
	])('refuses %s', async (_, broken, message) => {
		await expect(readGguf(broken)).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringMatching(message)
		});
	});

	const u32 = (key: string, number: number) => tinyGguf({ [key]: { u32: number } });
	const f32 = (key: string, number: number) => tinyGguf({ [key]: { f32: number } });
	it.each([
		['split.count', u32('split.count', 4_000_000_000), '4000000000'],
		['split.no', u32('split.no', 4_000_000_000), '4000000000'],
		['llama.context_length', u32('llama.context_length', 4_294_967_295), '4294967295'],
		['llama.context_length', u32('llama.context_length', 0), '0'],
		['llama.context_length', tinyGguf({ 'llama.context_length': { i32: -1 } }), '-1'],
		['llama.context_length', tinyGguf({ 'llama.context_length': { string: '2048' } }), '2048'],
		['llama.context_length', f32('llama.context_length', NaN), 'NaN'],
		['llama.block_count', u32('llama.block_count', 4_000_000_000), '4000000000'],
		['llama.block_count', f32('llama.block_count', 1.5), '1.5'],
		['llama.embedding_length', u32('llama.embedding_length', 4_000_000_000), '4000000000'],
		['llama.attention.head_count', u32('llama.attention.head_count', 4_000_000_000), '4000000000'],
		['llama.rope.freq_base', f32('llama.rope.freq_base', NaN), 'NaN'],
		[
			'llama.attention.layer_norm_rms_epsilon',
			f32('llama.attention.layer_norm_rms_epsilon', Infinity),
			'Infinity'
		],
		['adapter.lora.alpha', tinyAdapter({ 'adapter.lora.alpha': { f32: NaN } }), 'NaN']
	])('refuses a %s that no model has', async (key, broken, value) => {
		await expect(readGguf(blob(broken))).rejects.toMatchObject({
			name: 'ModelLoadError',
			message: expect.stringContaining(`damaged: its ${key} is ${value}`)
		});
	});

	it.each([0, 3, 4_000_000_000])('refuses an alignment of %i bytes', async (bytes) => {
		await expect(readGguf(blob(u32('general.alignment', bytes)))).rejects.toThrow(
			`aligns its weights to ${bytes} bytes`
		);
	});

	it('takes joined parts, which say that they are none', async () => {
		expect((await readGguf(blob(u32('split.count', 0)))).tensors).toHaveLength(20);
	});

	it('takes a first part without weights', async () => {
		const part = tinyGguf({ 'split.count': { u32: 2 } });
		part[8] = 0;
		expect((await readGguf(blob(part))).tensors).toEqual([]);
	});

	it('refuses, or reads, but never fails otherwise on damaged headers', async () => {
		let state = 1;
		const random = (below: number) => (state = (state * 48271) % 0x7fffffff) % below;
		for (let i = 0; i < 300; i++) {
			const damaged = file.slice();
			for (let n = 0; n < 4; n++) damaged[4 + random(9000)] = random(256);
			await readGguf(blob(damaged)).catch((error) => expect(error.name).toBe('ModelLoadError'));
		}
	});
});

describe('brokenTokens', () => {
	it('finds the byte tokens that are no characters', async () => {
		const broken = brokenTokens(await readGguf(blob(file)));
		expect(broken).toEqual(Array.from({ length: 128 }, (_, i) => 128 + i));
	});

	it('finds the parts of characters in merged tokens, and leaves whole ones', async () => {
		// 'é' is C3 A9, spelled Ã©; 'Ãx' breaks off; '漢' spells no byte and stands for itself.
		const changed = tinyGguf({
			'tokenizer.ggml.tokens': { strings: ['Ã©', 'Ãx', 'Ġthe', '<|end|>', '漢'] },
			'tokenizer.ggml.token_type': { i32s: [1, 1, 1, 3, 1] }
		});
		expect(brokenTokens(await readGguf(blob(changed)))).toEqual([1]);
	});

	it('finds the byte tokens of SentencePiece vocabularies', async () => {
		const changed = tinyGguf({
			'tokenizer.ggml.model': { string: 'llama' },
			'tokenizer.ggml.tokens': { strings: ['<unk>', '<0x0A>', '<0x80>', '<0xFF>', '▁the', 'é'] },
			'tokenizer.ggml.token_type': { i32s: [2, 6, 6, 6, 1, 1] }
		});
		expect(brokenTokens(await readGguf(blob(changed)))).toEqual([2, 3]);
	});
});
