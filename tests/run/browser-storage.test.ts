import { afterEach, expect, test, vi } from 'vitest';
import { openBrowserStorage } from '../../src/run/browser-storage.ts';
import { datasets, deskConfig, deskService, phases, watched } from './desk-run.ts';

const denied = new DOMException('The request was denied.', 'SecurityError');
const refuse = () => Promise.reject(denied);
const locks = { query: async () => ({ held: [] }), request: refuse };

const deny = () => {
	throw denied;
};
class DeniedChannel {
	constructor() {
		deny();
	}
}
const usual = { indexedDB: { open: deny }, navigator: { locks }, BroadcastChannel: EventTarget };

afterEach(() => void vi.unstubAllGlobals());

test.each<[string, Record<string, unknown>, RegExp]>([
	['the database is refused', {}, /blocks site data/],
	['there is no database', { indexedDB: undefined }, /no storage that tabs can share/],
	['locks are refused', { navigator: { locks: { ...locks, query: refuse } } }, /blocks site data/],
	['there are no locks', { navigator: {} }, /no storage that tabs can share/],
	['channels are refused', { BroadcastChannel: DeniedChannel }, /blocks site data/],
	['there are no channels', { BroadcastChannel: undefined }, /no storage that tabs can share/]
])('where %s, a run goes to its end in memory, and that is told', async (_case, stubs, reason) => {
	for (const [name, value] of Object.entries({ ...usual, ...stubs })) vi.stubGlobal(name, value);
	const storage = await openBrowserStorage();
	const service = deskService(storage.store, { tabs: storage.tabs });
	const { storageProblem } = await service.status();
	expect(storageProblem).toMatch(/^Nothing is kept\. /);
	expect(storageProblem).toMatch(reason);
	const { id } = await service.create(deskConfig());
	const updates = await watched(service, id);
	await service.start(id, { workers: 1 });
	expect(phases(updates).at(-1)).toBe('finished');
	expect((await datasets(service, id))['kto.jsonl']).not.toBe('');
});
