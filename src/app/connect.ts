import * as Comlink from 'comlink';
import type { RunService } from '../run/run-service.ts';

/** Starts the worker that conducts runs. `onCrash` hears of a worker that could not start or died. */
export function connectRunService(onCrash: (reason: string) => void): RunService {
	const worker = new Worker(new URL('../../workers/run.worker.ts', import.meta.url), {
		type: 'module',
		name: 'joshtree run'
	});
	worker.addEventListener('error', (event) => onCrash(event.message || 'its script could not be loaded'));
	const remote = Comlink.wrap<RunService>(worker);
	return {
		environment: () => remote.environment(),
		list: () => remote.list(),
		create: (config) => remote.create(config),
		import: (record, events) => remote.import(record, events),
		delete: (id) => remote.delete(id),
		events: (id) => remote.events(id),
		pack: (id) => remote.pack(id),
		start: (id, options) => remote.start(id, options),
		pause: () => remote.pause(),
		// A function crosses into a worker only as a proxy.
		watch: (id, onUpdate) => remote.watch(id, Comlink.proxy(onUpdate)),
		unwatch: () => remote.unwatch(),
		export: (id) => remote.export(id)
	};
}
