const encoder = new TextEncoder();

/** 32-bit FNV-1a over the UTF-8 bytes of `text`, as an unsigned integer. */
export function fnv1a32(text: string): number {
	let hash = 0x811c9dc5;
	for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
	return hash >>> 0;
}

/** A bijective 32-bit mixer: every input bit affects every output bit. */
export function mix32(x: number): number {
	x ^= x >>> 16;
	x = Math.imul(x, 0x21f0aaad);
	x ^= x >>> 15;
	x = Math.imul(x, 0x735a2d97);
	x ^= x >>> 15;
	return x >>> 0;
}

/** One unsigned 32-bit seed from an ordered list of parts; `('a', 'b')` and `('ab')` differ. */
export function seedOf(...parts: readonly (string | number)[]): number {
	return mix32(fnv1a32(JSON.stringify(parts)));
}

/** SHA-256 in lower-case hexadecimal; a string is hashed as its UTF-8 bytes. */
export async function sha256(data: string | BufferSource): Promise<string> {
	const bytes = typeof data === 'string' ? encoder.encode(data) : data;
	const digest = await crypto.subtle.digest('SHA-256', bytes);
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
