/** A service that lives elsewhere: each of its calls, and of the services in it, goes through `call`. @param path of the service, by name */
export function forwardCalls<Service>(
	call: (path: readonly string[], args: readonly unknown[]) => Promise<unknown>,
	path: readonly string[] = []
): Service {
	return new Proxy((() => undefined) as never, {
		get: (_target, name) => {
			// Without it, awaiting the service would call it.
			if (typeof name === 'symbol' || name === 'then') return undefined;
			// As comlink calls a method.
			if (name === 'apply') return (_service: unknown, args: readonly unknown[]) => call(path, args);
			return forwardCalls(call, [...path, name]);
		},
		apply: (_target, _service, args: readonly unknown[]) => call(path, args)
	});
}
