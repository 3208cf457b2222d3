import type { GgufHeader } from './gguf.ts';

/** llama.cpp's token types that matter here. */
const tokenType = { normal: 1, control: 3, byte: 6 } as const;

/**
 * The tokens that are not whole UTF-8 by themselves: single bytes from 128 on, halves of characters. llama.cpp in WASM
 * fails when a reply ends up as invalid UTF-8. While none of these can be drawn, it cannot.
 */
export function brokenTokens({ metadata }: GgufHeader): number[] {
	const tokens = metadata.get('tokenizer.ggml.tokens');
	const types = metadata.get('tokenizer.ggml.token_type');
	if (!Array.isArray(tokens)) return [];
	const byteLevel = metadata.get('tokenizer.ggml.model') === 'gpt2';
	const broken: number[] = [];
	tokens.forEach((token, id) => {
		const type = Array.isArray(types) ? types[id] : tokenType.normal;
		if (typeof token !== 'string') return;
		if (type === tokenType.byte) {
			const byte = /^<0x([0-9A-F]{2})>$/i.exec(token)?.[1];
			if (byte !== undefined && Number.parseInt(byte, 16) >= 0x80) broken.push(id);
		} else if (byteLevel && type === tokenType.normal && !isWhole(token)) {
			broken.push(id);
		}
	});
	return broken;
}

export interface VocabularyToken {
	readonly id: number;
	/** As it is written. */
	readonly text: string;
}

/** A token that spells plain letters, neither the first nor the last; `undefined` if there is none. */
export function wordToken({ metadata }: GgufHeader): VocabularyToken | undefined {
	const tokens = metadata.get('tokenizer.ggml.tokens');
	const types = metadata.get('tokenizer.ggml.token_type');
	if (!Array.isArray(tokens)) return undefined;
	for (let id = 1; id < tokens.length - 1; id++) {
		const text: unknown = tokens[id];
		const isNormal = !Array.isArray(types) || types[id] === tokenType.normal;
		if (isNormal && typeof text === 'string' && /^[a-z]+$/i.test(text)) return { id, text };
	}
	return undefined;
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** Whether a byte-level token spells whole characters. */
function isWhole(token: string): boolean {
	const bytes: number[] = [];
	for (const character of token) {
		const byte = byteOf.get(character);
		if (byte === undefined) return true; // no byte-level spelling, so printed as it stands
		bytes.push(byte);
	}
	try {
		strict.decode(Uint8Array.from(bytes));
		return true;
	} catch {
		return false;
	}
}

/** Byte-level vocabularies spell each byte as a printable character: itself, or the next from U+0100 on. */
const byteOf = new Map(
	(() => {
		let next = 0x100;
		return Array.from({ length: 256 }, (_, byte): [string, number] => {
			const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
			return [String.fromCharCode(printable ? byte : next++), byte];
		});
	})()
);
