import * as Comlink from 'comlink';
import { forwardCalls } from '../run/forward-calls.ts';
import type { RunService } from '../run/run-service.ts';

type Remote = { readonly [method: string]: (...args: readonly unknown[]) => Promise<unknown> };

/**
 * The service in a worker. If the worker cannot start, every call is rejected with the reason.
 * @param onError hears of what goes wrong in it later, outside of any call
 */
export function runServiceOf(worker: Worker, onError: (reason: string) => void): RunService {
	const remote = Comlink.wrap<Remote>(worker) as unknown as Remote;
	let hasStarted = false;
	worker.addEventListener('message', () => (hasStarted = true), { once: true });
	const failed = new Promise<never>((_resolve, reject) =>
		worker.addEventListener('error', (event) => {
			if (hasStarted) onError(reasonOf(event));
			else
				reject(
					new Error(`The worker that conducts runs did not start: ${reasonOf(event)}. Reload the page.`)
				);
		})
	);
	// Without a call there is nobody to tell.
	failed.catch(() => undefined);
	return forwardCalls((method, args) => {
		// A function crosses into a worker only as a proxy.
		const crossing = args.map((arg) => (typeof arg === 'function' ? Comlink.proxy(arg) : arg));
		const call = remote[method]!(...crossing);
		return hasStarted ? call : Promise.race([call, failed]);
	});
}

function reasonOf({ message }: ErrorEvent): string {
	return message || 'its script could not be loaded';
}
