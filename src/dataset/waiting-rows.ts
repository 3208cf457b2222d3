import { joined } from '../base/bytes.ts';
import { NumberColumn } from '../base/column.ts';
import type { ScratchFile } from './sink.ts';

/** Rows of several files that wait in a scratch file until they are written in their order. */
export class WaitingRows {
	readonly #scratch: ScratchFile;
	readonly #files = new Map<string, FileRows>();
	readonly #encoder = new TextEncoder();
	readonly #decoder = new TextDecoder();

	constructor(scratch: ScratchFile) {
		this.#scratch = scratch;
	}

	/** @param rank rows of a file follow it; of equal ones the first stays first */
	async add(path: string, rank: number, line: string): Promise<void> {
		const bytes = this.#encoder.encode(line);
		const at = await this.#scratch.append(bytes);
		let rows = this.#files.get(path);
		if (!rows) this.#files.set(path, (rows = new FileRows()));
		rows.ranks.push(rank);
		rows.places.push(at);
		rows.lengths.push(bytes.length);
	}

	/** Rows of a file. */
	count(path: string): number {
		return this.#files.get(path)?.ranks.length ?? 0;
	}

	/** The rows of a file in their order, some at a time. @param onLine gets each of them as text */
	async *pieces(path: string, onLine?: (line: string) => void): AsyncGenerator<Uint8Array> {
		const rows = this.#files.get(path);
		if (!rows) return;
		let piece: Uint8Array[] = [];
		let size = 0;
		for (const row of rows.inOrder()) {
			const bytes = await this.#scratch.read(rows.places.at(row), rows.lengths.at(row));
			onLine?.(this.#decoder.decode(bytes));
			piece.push(bytes);
			size += bytes.length;
			if (size < pieceSize) continue;
			yield joined(piece);
			piece = [];
			size = 0;
		}
		if (size > 0) yield joined(piece);
	}
}

/** Bytes that are written at once, or a row more. */
const pieceSize = 2 ** 18;

class FileRows {
	readonly ranks = new NumberColumn();
	/** Bytes before it in the scratch file. */
	readonly places = new NumberColumn();
	readonly lengths = new NumberColumn();

	inOrder(): Uint32Array {
		const rows = Uint32Array.from({ length: this.ranks.length }, (_, row) => row);
		return rows.sort((a, b) => this.ranks.at(a) - this.ranks.at(b));
	}
}
