import { loadEnvironment } from '../environment/pack-environment.ts';
import type { Trial } from '../evaluation/trial.ts';
import type { SpawnModel } from '../models/source.ts';
import type { EvaluationRequest, EvaluationService } from './evaluation-service.ts';
import { RunModels } from './models.ts';
import { runTrials } from './trials.ts';

/** Evaluates with engines of its own. */
export class LocalEvaluationService implements EvaluationService {
	readonly #spawn: SpawnModel;

	constructor(spawn: SpawnModel) {
		this.#spawn = spawn;
	}

	/** @param signal ends it between two messages */
	async evaluate(
		{ models: sources, keys = {}, pack, settings, trials, workers }: EvaluationRequest,
		onTrial: (trial: Trial) => void | Promise<void>,
		signal?: AbortSignal
	): Promise<void> {
		const environment = await loadEnvironment(pack);
		const models = new RunModels(this.#spawn);
		for (const [address, key] of Object.entries(keys)) models.useKey(address, key);
		const stop = signal && { signal };
		const started = await models.start(sources, workers, stop);
		try {
			const { agent, user, conversations } = started;
			await runTrials({
				environment,
				agent,
				user,
				settings,
				trials,
				atOnce: conversations,
				onTrial,
				...stop
			});
		} finally {
			await started.dispose();
		}
	}
}
