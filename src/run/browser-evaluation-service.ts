import { spawnInWorkers, type EngineWorkers } from '../models/spawn-model.ts';
import { PrivateFileModels } from '../models/wllama/private-file-models.ts';
import type { EvaluationService } from './evaluation-service.ts';
import { LocalEvaluationService } from './local-evaluation-service.ts';

/**
 * The evaluation service of a worker.
 * @param base the app's path on its origin; the worker's script lies in a folder below it
 */
export function browserEvaluationService(base: string, workers: EngineWorkers): EvaluationService {
	const app = new URL(base, globalThis.location.origin);
	return new LocalEvaluationService(spawnInWorkers({ app, kept: new PrivateFileModels(), workers }));
}
