const lineFeed = 0x0a;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 as text; `undefined` if it is not UTF-8. */
export function decoded(bytes: Uint8Array): string | undefined {
	try {
		return decoder.decode(bytes);
	} catch {
		return undefined;
	}
}

/** A blob's bytes in order, as many at a time. */
export async function* piecesOf(blob: Blob, size = 2 ** 20): AsyncGenerator<Uint8Array, void, void> {
	for (let start = 0; start < blob.size; start += size)
		yield new Uint8Array(await blob.slice(start, start + size).arrayBuffer());
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
	if (parts.length === 1) return parts[0]!;
	const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/**
 * The lines that an LF ends, without it; a piece may end anywhere.
 * @returns the bytes behind the last LF: a line that was cut off, or nothing
 */
export async function* linesOf(
	pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
): AsyncGenerator<Uint8Array, Uint8Array, void> {
	let begun: Uint8Array[] = [];
	for await (const piece of pieces) {
		let start = 0;
		for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
			yield joined([...begun, piece.subarray(start, end)]);
			begun = [];
			start = end + 1;
		}
		if (start < piece.length) begun.push(piece.subarray(start));
	}
	return joined(begun);
}
