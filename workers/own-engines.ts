import type { EngineWorkers } from '../src/models/spawn-model.ts';

/** The engines of a page that reaches nothing but its own origin. */
export const ownEngines: EngineWorkers = {
	wllama: () =>
		new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'joshtree engine' })
};
