import { sha256 } from '../../base/hash.ts';
import { ModelLoadError } from '../language-model.ts';

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

/** SHA-256 of a file of up to 256 MiB; otherwise the SHA-256 of the list of its pieces' hashes. */
export async function hashOf(files: readonly Blob[]): Promise<string> {
	const [only] = files;
	if (files.length === 1 && only && only.size <= hashPiece) return sha256(await only.arrayBuffer());
	const pieces: string[] = [];
	for (const file of files) {
		for (let at = 0; at < file.size; at += hashPiece) {
			pieces.push(await sha256(await file.slice(at, at + hashPiece).arrayBuffer()));
		}
	}
	return sha256(pieces.join('\n'));
}
