import { PrivateScratch } from '../../src/store/private-scratch.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const scratch = await PrivateScratch.create();
const first = await scratch.append(encode('one'));
const second = await scratch.append(encode('two two'));
const texts = {
	second: decode(await scratch.read(second, 7)),
	first: decode(await scratch.read(first, 3)),
	beyond: await scratch.read(second, 70).then(
		() => false,
		() => true
	)
};
await scratch.dispose();
const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('scratch');
let left = 0;
for await (const _ of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) left++;
postMessage({ ...texts, left });
