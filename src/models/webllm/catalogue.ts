import type { Library, ModelRecord } from './engine.ts';
import { weightBytes, weightManifest } from './files.ts';
import { openLibrary } from './library.ts';
import { contextOf, folderOf, needsShaderF16, recordOf } from './model-record.ts';
import type { WebLlmSource } from './settings.ts';

/** A model to choose from, as plain data. */
export interface CatalogueEntry {
	readonly id: string;
	/** Bytes of device memory, caches included, as web-llm states them. More than the download. */
	readonly memoryBytes?: number;
	/** It also runs on small devices such as telephones. */
	readonly lowResource: boolean;
	/** It runs only where `DeviceSupport.shaderF16` is true. */
	readonly shaderF16: boolean;
	/** Tokens that prompt and reply share unless the settings say otherwise. */
	readonly contextTokens: number;
}

/** What this browser and its graphics device offer. */
export interface DeviceSupport {
	readonly webGpu: boolean;
	readonly shaderF16: boolean;
	/** Bytes of the largest buffer; 0 without WebGPU. Says little about memory: browsers do not tell that. */
	readonly maxBufferBytes: number;
}

type Model = WebLlmSource['model'];

/** What a page shows of web-llm's models before one is loaded. Nothing here downloads weights. */
export class Catalogue {
	readonly #library: Library;

	constructor(library: Library) {
		this.#library = library;
	}

	/** Fetches web-llm itself, 7 MB of script. */
	static async open(): Promise<Catalogue> {
		return new Catalogue(await openLibrary());
	}

	/** Models that can talk, in web-llm's order. */
	get entries(): CatalogueEntry[] {
		return this.#library.models.filter(({ model_type }) => model_type !== 1).map(entryOf);
	}

	/**
	 * The entry of one model, listed or the user's own.
	 * @throws {ModelLoadError} if there is no such model, or an address cannot be one
	 */
	entry(model: Model): CatalogueEntry {
		return entryOf(this.#record(model));
	}

	/** Whether the weights lie in the browser's cache, whole. */
	isCached(model: Model): Promise<boolean> {
		return this.#library.isCached(this.#record(model));
	}

	/** Bytes of the weights, from their manifest; undefined if that is neither cached nor to be had from the network. */
	async downloadBytes(model: Model): Promise<number | undefined> {
		const manifest = await weightManifest(folderOf(this.#record(model)));
		return manifest && weightBytes(manifest);
	}

	/** Takes all files of a model out of the browser's cache, those of a download broken off too. */
	delete(model: Model): Promise<void> {
		return this.#library.deleteFromCache(this.#record(model));
	}

	#record(model: Model): ModelRecord {
		return recordOf(model, this.#library.models);
	}
}

function entryOf(record: ModelRecord): CatalogueEntry {
	const { model_id, vram_required_MB, low_resource_required } = record;
	return {
		id: model_id,
		...(vram_required_MB !== undefined && { memoryBytes: Math.round(vram_required_MB * 1e6) }),
		lowResource: low_resource_required ?? false,
		shaderF16: needsShaderF16(record),
		contextTokens: contextOf(record)
	};
}

/** Bytes that this site has stored and may store, all engines and runs together. */
export async function storageUsed(): Promise<{ readonly used: number; readonly quota: number }> {
	const { usage = 0, quota = 0 } = await navigator.storage.estimate();
	return { used: usage, quota };
}

/** The part of WebGPU that is asked; TypeScript's own types do not know it yet. */
interface Gpu {
	requestAdapter(options: { powerPreference: 'high-performance' }): Promise<{
		readonly features: ReadonlySet<string>;
		readonly limits: { readonly maxStorageBufferBindingSize: number };
	} | null>;
}

export async function deviceSupport(): Promise<DeviceSupport> {
	const { gpu } = navigator as { readonly gpu?: Gpu };
	const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
	return {
		webGpu: Boolean(adapter),
		shaderF16: adapter?.features.has('shader-f16') ?? false,
		maxBufferBytes: adapter?.limits.maxStorageBufferBindingSize ?? 0
	};
}
