/** The list of a model's weight files that web-llm itself goes by. */
const manifestName = 'tensor-cache.json';
const cacheName = 'webllm/model';

/**
 * The manifest of a model's weights: each file with its length and MD5. From the browser's cache where it lies, else from
 * the network.
 *
 * @param folder ends with a slash
 * @returns undefined if it cannot be had
 */
export async function weightManifest(folder: string): Promise<ArrayBuffer | undefined> {
	const address = new URL(manifestName, folder).href;
	try {
		const cache = await globalThis.caches?.open(cacheName);
		const response = (await cache?.match(address)) ?? (await fetch(address));
		return response.ok ? await response.arrayBuffer() : undefined;
	} catch {
		return undefined;
	}
}

/** Bytes of all weight files that a manifest lists; undefined if it is not a manifest. */
export function weightBytes(manifest: ArrayBuffer): number | undefined {
	try {
		const { records } = JSON.parse(new TextDecoder().decode(manifest)) as {
			readonly records?: readonly { readonly nbytes?: unknown }[];
		};
		if (!Array.isArray(records)) return undefined;
		return records.reduce((sum: number, { nbytes }) => {
			if (typeof nbytes !== 'number' || !(nbytes >= 0)) throw new TypeError('no length');
			return sum + nbytes;
		}, 0);
	} catch {
		return undefined;
	}
}
