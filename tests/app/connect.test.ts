import { expect, test, vi } from 'vitest';
import { runServiceOf } from '../../src/app/connect.ts';

/** A worker as far as it goes before its first answer. */
class StubWorker extends EventTarget {
	readonly asked: unknown[] = [];

	postMessage(message: unknown): void {
		this.asked.push(message);
	}

	fail(message?: string): void {
		this.dispatchEvent(Object.assign(new Event('error'), { message }));
	}
}

function connected() {
	const worker = new StubWorker();
	const later = vi.fn();
	return { worker, later, service: runServiceOf(worker as unknown as Worker, later) };
}

test.each([
	['one whose script is missing', undefined, 'its script could not be loaded'],
	['one that throws', 'no such thing', 'no such thing']
])('every call into a worker that does not start is rejected: %s', async (_case, message, reason) => {
	const { worker, later, service } = connected();
	const before = service.environment();
	worker.fail(message);
	await expect(before).rejects.toThrow(`did not start: ${reason}. Reload the page.`);
	await expect(service.list()).rejects.toThrow(reason);
	expect(later).not.toHaveBeenCalled();
});

test('what fails in a worker that has answered before is told, and its calls go on', async () => {
	const { worker, later, service } = connected();
	const call = service.list();
	const { id } = worker.asked[0] as { id: string };
	worker.dispatchEvent(new MessageEvent('message', { data: { id: 'another' } }));
	worker.fail('a timer');
	expect(later).toHaveBeenCalledWith('a timer');
	worker.dispatchEvent(new MessageEvent('message', { data: { id, type: 'RAW', value: [] } }));
	expect(await call).toEqual([]);
});
