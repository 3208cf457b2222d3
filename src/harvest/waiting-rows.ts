import type { ScratchFile } from './sink.ts';

/** Rows of several files that wait in a scratch file until they are written in their order. */
export class WaitingRows {
	readonly #scratch: ScratchFile;
	readonly #files = new Map<string, WaitingRow[]>();
	readonly #encoder = new TextEncoder();
	readonly #decoder = new TextDecoder();

	constructor(scratch: ScratchFile) {
		this.#scratch = scratch;
	}

	/** @param rank rows of a file follow it; of equal ones the first stays first */
	async add(path: string, rank: number, line: string): Promise<void> {
		const bytes = this.#encoder.encode(line);
		const at = await this.#scratch.append(bytes);
		const row = { rank, at, length: bytes.length };
		const rows = this.#files.get(path);
		if (rows) rows.push(row);
		else this.#files.set(path, [row]);
	}

	/** Rows of a file. */
	count(path: string): number {
		return this.#files.get(path)?.length ?? 0;
	}

	/** The rows of a file in their order, some at a time. @param onLine gets each of them as text */
	async *pieces(path: string, onLine?: (line: string) => void): AsyncGenerator<Uint8Array> {
		const rows = this.#files.get(path)?.sort((a, b) => a.rank - b.rank) ?? [];
		let piece: Uint8Array[] = [];
		let size = 0;
		for (const { at, length } of rows) {
			const bytes = await this.#scratch.read(at, length);
			onLine?.(this.#decoder.decode(bytes));
			piece.push(bytes);
			size += length;
			if (size < pieceSize) continue;
			yield joined(piece, size);
			piece = [];
			size = 0;
		}
		if (size > 0) yield joined(piece, size);
	}
}

/** Bytes that are written at once, or a row more. */
const pieceSize = 2 ** 18;

interface WaitingRow {
	readonly rank: number;
	readonly at: number;
	readonly length: number;
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
	const whole = new Uint8Array(size);
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
