import type { EngineWorkers } from '../src/models/spawn-model.ts';
import { ownEngines } from './own-engines.ts';

/** The engines of the connected page: the last two may leave the own origin. */
export const connectedEngines: EngineWorkers = {
	...ownEngines,
	webllm: () =>
		new Worker(new URL('./webllm.worker.ts', import.meta.url), { type: 'module', name: 'joshtree web-llm' }),
	server: () =>
		new Worker(new URL('./server.worker.ts', import.meta.url), { type: 'module', name: 'joshtree server' })
};
