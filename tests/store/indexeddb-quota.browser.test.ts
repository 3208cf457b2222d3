import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { IndexedDbStore } from '../../src/store/indexeddb-store.ts';
import { StoreError } from '../../src/store/run-store.ts';
import { of, packText, sampleRecord, userEvent } from './samples.ts';

/** Of the Storage Buckets API, which TypeScript does not know yet. */
const { storageBuckets: buckets } = navigator as unknown as {
	storageBuckets: {
		open(name: string): Promise<{ readonly indexedDB: IDBFactory }>;
		delete(name: string): Promise<void>;
	};
};

const name = 'joshtree-test-quota';
const store = new IndexedDbStore(name);

/** Bytes that this origin may store; without an argument, the browser's own limit. */
async function setQuota(quotaSize?: number): Promise<void> {
	const session = cdp() as { send(method: string, parameters: object): Promise<unknown> };
	await session.send('Storage.overrideQuotaForOrigin', {
		origin: location.origin,
		...(quotaSize !== undefined && { quotaSize })
	});
}

beforeEach(async () => {
	// Chromium remembers for half a minute how much room the databases of a bucket had; of a new bucket it knows nothing.
	vi.stubGlobal('indexedDB', (await buckets.open(name)).indexedDB);
});

afterEach(async () => {
	await setQuota();
	await store.close();
	vi.unstubAllGlobals();
	await buckets.delete(name);
});

it('says that there is no room, loses nothing, and goes on when there is', async () => {
	await setQuota(2_000_000);
	await store.create(sampleRecord('a'), packText);
	await store.append('a', of('first', userEvent(0)));
	// Letters by chance: the browser compresses what it stores.
	const letters = Array.from({ length: 2_000_000 }, () => String.fromCharCode(33 + Math.random() * 9000));
	const refusal = store.append('a', of('first', userEvent(1, letters.join(''))));
	await expect(refusal).rejects.toBeInstanceOf(StoreError);
	await expect(refusal).rejects.toThrow(/no room left to store this.*delete old runs/);
	expect((await store.events('a')).events).toEqual(of('first', userEvent(0)));

	await setQuota();
	await store.append('a', of('first', userEvent(1)));
	expect((await store.events('a')).events).toEqual(of('first', userEvent(0), userEvent(1)));
});
