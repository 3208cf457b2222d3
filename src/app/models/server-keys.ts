import type { ModelService } from '../../run/model-service.ts';
import { recall, remember } from '../remembered.ts';

const storageKey = 'joshtree.server-keys';

/** Keys of servers by address: in memory, and in this browser only where the user asks for it. */
export class ServerKeys {
	readonly #service: Pick<ModelService, 'useKey'>;
	readonly #known = new Map<string, string>();

	constructor(service: Pick<ModelService, 'useKey'>) {
		this.#service = service;
		for (const [address, key] of Object.entries(storedKeys())) void this.#use(address, key);
	}

	has(address: string): boolean {
		return this.#known.has(address);
	}

	isStored(address: string): boolean {
		return Object.hasOwn(storedKeys(), address);
	}

	/** @param store whether it outlives this page; a stored key of that address is forgotten if not */
	async set(address: string, key: string, store: boolean): Promise<void> {
		const { [address]: _, ...others } = storedKeys();
		const kept = store && key !== '' ? { ...others, [address]: key } : others;
		remember(storageKey, Object.keys(kept).length > 0 ? JSON.stringify(kept) : undefined);
		await this.#use(address, key);
	}

	async #use(address: string, key: string): Promise<void> {
		if (key === '') this.#known.delete(address);
		else this.#known.set(address, key);
		await this.#service.useKey(address, key === '' ? undefined : key);
	}
}

function storedKeys(): Record<string, string> {
	try {
		const stored: unknown = JSON.parse(recall(storageKey) ?? '{}');
		if (typeof stored !== 'object' || stored === null) return {};
		return Object.fromEntries(Object.entries(stored).filter(([, key]) => typeof key === 'string'));
	} catch {
		return {};
	}
}
