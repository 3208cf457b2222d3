import { EngineHost } from '../engine-host.ts';
import {
	Catalogue,
	deviceSupport,
	storageUsed,
	type CatalogueEntry,
	type DeviceSupport
} from './catalogue.ts';
import type { WebLlmSource } from './settings.ts';
import { WebLlmModel } from './webllm-model.ts';

/** What a page asks through comlink before a model is loaded. Errors arrive with their `name` and message. */
export interface CatalogueService {
	/** Models that can talk, in web-llm's order. */
	entries(): Promise<CatalogueEntry[]>;
	/** @throws {ModelLoadError} if there is no such model, or an address cannot be one */
	entry(model: WebLlmSource['model']): Promise<CatalogueEntry>;
	/** Whether the weights lie in the browser's cache, whole. */
	isCached(model: WebLlmSource['model']): Promise<boolean>;
	/** Bytes of the weights; undefined if nothing tells. Asks the network for one small file unless it is cached. */
	downloadBytes(model: WebLlmSource['model']): Promise<number | undefined>;
	delete(model: WebLlmSource['model']): Promise<void>;
	device(): Promise<DeviceSupport>;
	storage(): Promise<{ readonly used: number; readonly quota: number }>;
}

/**
 * The worker's side of web-llm: one model, and the catalogue to choose it from. Both are here so that web-llm, 6 MB of
 * script, is built into this worker only and the page stays free of it.
 */
export class WebLlmHost extends EngineHost<WebLlmSource> implements CatalogueService {
	#catalogue: Promise<Catalogue> | undefined;

	constructor() {
		super(WebLlmModel.load);
	}

	async entries(): Promise<CatalogueEntry[]> {
		return (await this.#open()).entries;
	}

	async entry(model: WebLlmSource['model']): Promise<CatalogueEntry> {
		return (await this.#open()).entry(model);
	}

	async isCached(model: WebLlmSource['model']): Promise<boolean> {
		return (await this.#open()).isCached(model);
	}

	async downloadBytes(model: WebLlmSource['model']): Promise<number | undefined> {
		return (await this.#open()).downloadBytes(model);
	}

	async delete(model: WebLlmSource['model']): Promise<void> {
		await (await this.#open()).delete(model);
	}

	device(): Promise<DeviceSupport> {
		return deviceSupport();
	}

	storage(): Promise<{ readonly used: number; readonly quota: number }> {
		return storageUsed();
	}

	#open(): Promise<Catalogue> {
		return (this.#catalogue ??= Catalogue.open());
	}
}
