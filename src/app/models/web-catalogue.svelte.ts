import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { CatalogueEntry, DeviceSupport } from '../../models/webllm/catalogue.ts';
import type { CatalogueService } from '../../models/webllm/host.ts';
import type { CustomModel } from '../../models/webllm/settings.ts';

/** A model of web-llm's list, or one that the user named. */
export interface WebModel extends CatalogueEntry {
	readonly model: string | CustomModel;
}

/** What the page knows of web-llm's models. It fetches web-llm itself, so it is opened only when somebody looks. */
export class WebCatalogue {
	readonly #start: () => CatalogueService;
	#service: CatalogueService | undefined;
	state = $state<'closed' | 'opening' | 'open'>('closed');
	problem = $state<string>();
	device = $state.raw<DeviceSupport>();
	models = $state.raw<readonly WebModel[]>([]);
	readonly cached = new SvelteSet<string>();
	/** Bytes by id; null if nothing tells. */
	readonly sizes = new SvelteMap<string, number | null>();
	storage = $state.raw<{ readonly used: number; readonly quota: number }>();

	constructor(start: () => CatalogueService) {
		this.#start = start;
	}

	async open(): Promise<void> {
		if (this.state !== 'closed') return;
		this.state = 'opening';
		this.problem = undefined;
		try {
			this.#service = this.#start();
			this.device = await this.#service.device();
			const entries = await this.#service.entries();
			this.models = entries.map((entry) => ({ ...entry, model: entry.id }));
			this.state = 'open';
			await this.refresh();
		} catch (error) {
			this.#fail(error);
			this.state = 'closed';
		}
	}

	/** Which models lie in the cache, and how much is stored. */
	async refresh(): Promise<void> {
		const service = this.#service;
		if (!service) return;
		await Promise.all(
			this.models.map(async ({ id, model }) => {
				if (await service.isCached(model)) this.cached.add(id);
				else this.cached.delete(id);
			})
		);
		this.storage = await service.storage();
	}

	/** @returns whether it could be one */
	async add(model: CustomModel): Promise<boolean> {
		this.problem = undefined;
		try {
			const entry = await this.#service!.entry(model);
			this.models = [{ ...entry, model }, ...this.models.filter(({ id }) => id !== entry.id)];
			return true;
		} catch (error) {
			this.#fail(error);
			return false;
		}
	}

	async ask(model: WebModel): Promise<void> {
		const bytes = await this.#service!.downloadBytes(model.model).catch(() => undefined);
		this.sizes.set(model.id, bytes ?? null);
	}

	async delete({ model }: WebModel): Promise<void> {
		try {
			await this.#service!.delete(model);
		} catch (error) {
			this.#fail(error);
		}
		await this.refresh();
	}

	#fail(error: unknown): void {
		this.problem = error instanceof Error ? error.message : String(error);
	}
}
