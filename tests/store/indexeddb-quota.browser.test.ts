import { deleteDB } from 'idb';
import { afterEach, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { IndexedDbStore } from '../../src/store/indexeddb-store.ts';
import { StoreError } from '../../src/store/run-store.ts';
import { of, packText, sampleRecord, userEvent } from './samples.ts';

// A file of its own: Chromium remembers for half a minute how much room a database has.

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

afterEach(async () => {
	await setQuota();
	await store.close();
	await deleteDB(name);
});

it('says that there is no room, loses nothing, and goes on when there is', async () => {
	await setQuota(2_000_000);
	await store.create(sampleRecord('a'), packText);
	await store.append('a', of('first', userEvent(0)));
	const stored = of('first', userEvent(0));
	// Letters by chance: the browser compresses what it stores.
	const long = Array.from({ length: 4_000_000 }, () => String.fromCharCode(33 + Math.random() * 9000)).join(
		''
	);
	let refusal: unknown;
	const deadline = performance.now() + 45_000;
	for (let n = 1; refusal === undefined && performance.now() < deadline; n++) {
		const events = of('first', userEvent(n, long));
		await store.append('a', events).then(
			() => stored.push(...events),
			(error: unknown) => (refusal = error)
		);
		if (refusal === undefined) await new Promise((resolve) => setTimeout(resolve, 3000));
	}
	expect(refusal).toBeInstanceOf(StoreError);
	expect((refusal as StoreError).message).toMatch(/no room left to store this.*delete old runs/);
	expect((await store.events('a')).events).toEqual(stored);

	await setQuota();
	const next = of('first', userEvent(stored.length));
	await expect.poll(() => store.append('a', next).catch(String), { timeout: 45_000 }).toBeUndefined();
	expect((await store.events('a')).events).toEqual([...stored, ...next]);
}, 100_000);
