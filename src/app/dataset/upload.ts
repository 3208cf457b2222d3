import { wrap } from 'comlink';
import '../../base/wire.ts';
import type { HubTarget } from '../../store/hub.ts';

/** Uploads a dataset folder; resolves to its address. */
export type UploadFolder = (
	folder: FileSystemDirectoryHandle,
	target: HubTarget,
	onProgress: (fraction: number) => void
) => Promise<string>;

/** Each upload has a worker to itself, which ends with it. */
export function uploadIn(createWorker: () => Worker): UploadFolder {
	return async (folder, target, onProgress) => {
		const worker = createWorker();
		const crashed = new Promise<never>((_resolve, reject) =>
			worker.addEventListener('error', ({ message }) =>
				reject(new Error(`The worker that uploads stopped: ${message || 'its script could not be loaded'}`))
			)
		);
		try {
			const remote = wrap<{ readonly upload: UploadFolder }>(worker);
			return await Promise.race([remote.upload(folder, target, onProgress), crashed]);
		} finally {
			worker.terminate();
		}
	};
}
