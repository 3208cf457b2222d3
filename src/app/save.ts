import { zip } from 'fflate';
import type { ExportedFile } from '../run/dataset-service.ts';

/** Hands a file to the browser's downloads. */
export function save(name: string, content: Blob): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(content);
	link.download = name;
	link.click();
	// The download has begun by then; the blob itself lives on until it ends.
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** All files in one archive; large ones are packed in workers. */
export async function zipFiles(files: readonly ExportedFile[]): Promise<Blob> {
	const entries = await Promise.all(
		files.map(async ({ name, content }) => [name, new Uint8Array(await content.arrayBuffer())] as const)
	);
	const archive = await new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) =>
		zip(Object.fromEntries(entries), (error, data) =>
			error ? reject(error) : resolve(data as Uint8Array<ArrayBuffer>)
		)
	);
	return new Blob([archive], { type: 'application/zip' });
}
