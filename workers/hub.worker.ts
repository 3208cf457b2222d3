import { expose } from 'comlink';
import '../src/base/wire.ts';
import { filesIn, uploadToHub, type HubTarget } from '../src/store/hub.ts';

expose({
	upload: async (
		folder: FileSystemDirectoryHandle,
		target: HubTarget,
		onProgress: (fraction: number) => void
	) => uploadToHub(await filesIn(folder), target, { onProgress })
});
