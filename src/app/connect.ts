import { wrap } from 'comlink';
import '../base/wire.ts';
import { forwardCalls } from '../run/forward-calls.ts';
import type { RunService } from '../run/run-service.ts';

interface Members {
	readonly [name: string]: Members;
}

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * The service in a worker. If the worker cannot start, every call is rejected with the reason.
 * @param onError hears of what goes wrong in it later, outside of any call
 */
export function runServiceOf(worker: Worker, onError: (reason: string) => void): RunService {
	const remote = wrap(worker) as unknown as Members;
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
	return forwardCalls((path, args) => {
		const call = path.reduce((at, name) => at[name]!, remote) as unknown as Call;
		const answer = call(...args);
		return hasStarted ? answer : Promise.race([answer, failed]);
	});
}

function reasonOf({ message }: ErrorEvent): string {
	return message || 'its script could not be loaded';
}
