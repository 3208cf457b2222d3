import { sha256 } from '../../base/hash.ts';
import { ModelLoadError } from '../language-model.ts';
import { abortError } from '../../base/abort.ts';

/** @throws {ModelLoadError} */
export async function download(address: string): Promise<Blob> {
	let response: Response;
	try {
		response = await fetch(address);
	} catch (error) {
		throw new ModelLoadError(`The model file ${address} could not be fetched. Are you offline?`, {
			cause: error
		});
	}
	if (!response.ok) {
		throw new ModelLoadError(
			`The model file ${address} could not be fetched: ${response.status} ${response.statusText}.`
		);
	}
	return response.blob();
}

/** Files beyond this are hashed piece by piece: WebCrypto wants the whole input in memory. */
const hashPiece = 2 ** 28;

export interface HashOptions {
	readonly signal?: AbortSignal;
	/** Called with the bytes hashed so far. */
	readonly onBytes?: (bytes: number) => void;
}

/**
 * SHA-256 of a file of up to 256 MiB; otherwise the SHA-256 of the list of its pieces' hashes.
 * @throws an `AbortError` after `signal` aborts, at the end of a piece
 */
export async function hashOf(files: readonly Blob[], { signal, onBytes }: HashOptions = {}): Promise<string> {
	const pieces: string[] = [];
	let hashed = 0;
	for (const file of files) {
		for (let at = 0; at < file.size; at += hashPiece) {
			if (signal?.aborted) throw abortError();
			const piece = file.slice(at, at + hashPiece);
			pieces.push(await sha256(await piece.arrayBuffer()));
			onBytes?.((hashed += piece.size));
		}
	}
	const [only] = pieces;
	return only !== undefined && pieces.length === 1 ? only : sha256(pieces.join('\n'));
}
