import type { RunService } from './run-service.ts';

/** A service that lives elsewhere: each of its calls goes through `call`. */
export function forwardCalls(
	call: (method: keyof RunService, args: readonly unknown[]) => Promise<unknown>
): RunService {
	return new Proxy({} as RunService, {
		get: (_service, method) =>
			// Without it, awaiting the service would call it.
			method === 'then' ? undefined : (...args: unknown[]) => call(method as keyof RunService, args)
	});
}
