import { ggmlFloat, type GgufHeader } from './gguf.ts';

/*
 * What a header says about its model; the names of entries are those of the GGUF specification
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 */

export function textEntry({ metadata }: GgufHeader, key: string): string | undefined {
	const value = metadata.get(key);
	return typeof value === 'string' ? value : undefined;
}

export function numberEntry({ metadata }: GgufHeader, key: string): number | undefined {
	const value = metadata.get(key);
	return typeof value === 'number' ? value : undefined;
}

/** E.g. `llama`. */
export function architectureOf(header: GgufHeader): string | undefined {
	return textEntry(header, 'general.architecture');
}

/** Tokens that the model was trained for. */
export function trainedContext(header: GgufHeader): number | undefined {
	return numberEntry(header, `${architectureOf(header)}.context_length`);
}

export function hasFloatWeights({ tensors }: GgufHeader): boolean {
	return tensors.every(({ type }) => type === ggmlFloat.f32 || type === ggmlFloat.f16);
}

/** Bytes of one number in the cache. */
export const cacheValueBytes = { f32: 4, f16: 2 } as const;

/** Numbers that the cache holds for each token of context: keys and values of all layers. */
export function cacheValuesPerToken(header: GgufHeader): number {
	const own = (key: string) => numberEntry(header, `${architectureOf(header)}.${key}`);
	const layers = own('block_count') ?? 32;
	const width = own('embedding_length') ?? 2048;
	const heads = own('attention.head_count') ?? 1;
	// Models without attention have no heads.
	const keyWidth = own('attention.key_length') ?? width / Math.max(1, heads);
	const valueWidth = own('attention.value_length') ?? keyWidth;
	// Some architectures have a number for each layer.
	const perLayer = header.metadata.get(`${architectureOf(header)}.attention.head_count_kv`);
	const cachedHeads = Array.isArray(perLayer)
		? perLayer.reduce<number>((sum, count) => sum + Number(count), 0)
		: layers * (typeof perLayer === 'number' ? perLayer : heads);
	return cachedHeads * (keyWidth + valueWidth);
}

/** llama.cpp's names for `general.file_type` (`llama_ftype` in llama.h). */
const fileTypes: Readonly<Record<number, string>> = {
	0: 'F32',
	1: 'F16',
	2: 'Q4_0',
	3: 'Q4_1',
	7: 'Q8_0',
	8: 'Q5_0',
	9: 'Q5_1',
	10: 'Q2_K',
	11: 'Q3_K_S',
	12: 'Q3_K_M',
	13: 'Q3_K_L',
	14: 'Q4_K_S',
	15: 'Q4_K_M',
	16: 'Q5_K_S',
	17: 'Q5_K_M',
	18: 'Q6_K',
	19: 'IQ2_XXS',
	20: 'IQ2_XS',
	21: 'Q2_K_S',
	22: 'IQ3_XS',
	23: 'IQ3_XXS',
	24: 'IQ1_S',
	25: 'IQ4_NL',
	26: 'IQ3_S',
	27: 'IQ3_M',
	28: 'IQ2_S',
	29: 'IQ2_M',
	30: 'IQ4_XS',
	31: 'IQ1_M',
	32: 'BF16'
};

/** E.g. `Q4_K_M`; `undefined` if the file does not say it, or says something newer than this list. */
export function quantisationOf(header: GgufHeader): string | undefined {
	const type = numberEntry(header, 'general.file_type');
	return type === undefined ? undefined : fileTypes[type];
}
