import * as Comlink from 'comlink';
import type { EvaluationService } from '../run/evaluation-service.ts';
import type { RunService } from '../run/run-service.ts';

/** The service in a worker. `onCrash` hears of a worker that could not start or died. */
export function runServiceOf(worker: Worker, onCrash: (reason: string) => void): RunService {
	worker.addEventListener('error', (event) => onCrash(event.message || 'its script could not be loaded'));
	const remote = Comlink.wrap<RunService>(worker);
	return {
		environment: () => remote.environment(),
		list: () => remote.list(),
		damagedRuns: () => remote.damagedRuns(),
		useKey: (address, key) => remote.useKey(address, key),
		load: (sources, onProgress) => remote.load(sources, Comlink.proxy(onProgress)),
		cancelLoading: () => remote.cancelLoading(),
		create: (config, sources) => remote.create(config, sources),
		import: (record, events, pack) => remote.import(record, events, pack),
		delete: (id) => remote.delete(id),
		events: (id) => remote.events(id),
		pack: (id) => remote.pack(id),
		start: (id, options) => remote.start(id, options),
		pause: () => remote.pause(),
		// A function crosses into a worker only as a proxy.
		watch: (id, onUpdate) => remote.watch(id, Comlink.proxy(onUpdate)),
		unwatch: () => remote.unwatch(),
		rate: (id, scenario, rating) => remote.rate(id, scenario, rating),
		export: (id) => remote.export(id),
		checkDataset: (id, choices, onProgress) => remote.checkDataset(id, choices, Comlink.proxy(onProgress)),
		exportDataset: (id, choices, target, onProgress) =>
			remote.exportDataset(id, choices, target, Comlink.proxy(onProgress)),
		cancelExport: () => remote.cancelExport()
	};
}

/** Each evaluation has a worker to itself, which ends with it. */
export const evaluationService: EvaluationService = {
	async evaluate(request, onTrial) {
		const worker = new Worker(new URL('../../workers/evaluation.worker.ts', import.meta.url), {
			type: 'module',
			name: 'joshtree evaluation'
		});
		const crashed = new Promise<never>((_resolve, reject) =>
			worker.addEventListener('error', ({ message }) =>
				reject(new Error(`The worker that evaluates stopped: ${message || 'its script could not be loaded'}`))
			)
		);
		try {
			await Promise.race([
				Comlink.wrap<EvaluationService>(worker).evaluate(request, Comlink.proxy(onTrial)),
				crashed
			]);
		} finally {
			worker.terminate();
		}
	}
};
