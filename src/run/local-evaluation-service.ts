import { loadEnvironment } from '../environment/pack-environment.ts';
import type { Trial } from '../evaluation/trial.ts';
import type { LanguageModel } from '../models/language-model.ts';
import { ModelPool } from '../models/pool.ts';
import { downloadText } from './download-text.ts';
import type { EvaluationRequest, EvaluationService } from './evaluation-service.ts';
import { runTrials } from './trials.ts';

/** Evaluates with engines of its own. */
export class LocalEvaluationService implements EvaluationService {
	readonly #spawn: (model: string) => Promise<LanguageModel>;

	/** @param spawn makes one engine for the model file at an address; it answers one request at a time */
	constructor(spawn: (model: string) => Promise<LanguageModel>) {
		this.#spawn = spawn;
	}

	async evaluate(
		{ agentModel, userModel, pack, settings, trials, workers }: EvaluationRequest,
		onTrial: (trial: Trial) => void | Promise<void>
	): Promise<void> {
		const environment = await loadEnvironment(await downloadText(new URL(pack)));
		// A conversation waits for one reply at a time, so of two pools no more than `workers` engines are ever busy.
		const addresses = [...new Set([agentModel, userModel])];
		const started = await Promise.allSettled(
			addresses.map((address) => ModelPool.start({ spawn: () => this.#spawn(address), size: workers }))
		);
		const pools = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
		try {
			for (const one of started) if (one.status === 'rejected') throw one.reason;
			const [agent, user] = [pools[0]!, pools.at(-1)!];
			// One a worker: a second would push the first out of the cache, and there are no steps to wait for.
			await runTrials({ environment, agent, user, settings, trials, atOnce: workers, onTrial });
		} finally {
			await Promise.all(pools.map((pool) => pool.dispose()));
		}
	}
}
