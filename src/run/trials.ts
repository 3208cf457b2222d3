import type { Environment } from '../environment/environment.ts';
import { InventionFinder } from '../evaluation/invented.ts';
import { trialRow, type Trial, type TrialId } from '../evaluation/trial.ts';
import { plainSampling, type LanguageModel, type Sampling } from '../models/language-model.ts';
import { converse } from '../talk/conversation.ts';
import { FunctionCallingAgent } from '../talk/agents/function-calling.ts';
import { GoalUser } from '../talk/users/goal.ts';

/** What decides how an evaluation's conversations go, besides models and environment. */
export interface TrialSettings {
	/** Unsigned 32 bit. */
	readonly seed: number;
	readonly agentTemperature: number;
	readonly userTemperature: number;
	/** Of one message. */
	readonly maxTokens: number;
}

export interface TrialsJob {
	readonly environment: Environment;
	/** May be the same model. Each answers `atOnce` requests at once. */
	readonly agent: Pick<LanguageModel, 'generate'>;
	readonly user: Pick<LanguageModel, 'generate'>;
	readonly settings: TrialSettings;
	readonly trials: readonly TrialId[];
	/** Conversations side by side. Changes the speed, not the rows. */
	readonly atOnce: number;
	/** Gets conversations as they end. */
	readonly onTrial: (trial: Trial) => void | Promise<void>;
	readonly signal?: AbortSignal;
}

/**
 * Plain conversations, one for each trial. After the first problem that is not a conversation's own, e.g. a model that is gone,
 * none is begun; it rejects with that problem.
 */
export async function runTrials(job: TrialsJob): Promise<void> {
	const { environment, settings, atOnce, onTrial, signal } = job;
	const sampling = (temperature: number): Sampling => ({
		...plainSampling,
		temperature,
		maxTokens: settings.maxTokens
	});
	const agent = new FunctionCallingAgent(job.agent, sampling(settings.agentTemperature));
	const user = new GoalUser(job.user, sampling(settings.userTemperature));
	const scenarios = new Map(environment.scenarios.map((scenario) => [scenario.id, scenario]));
	const finder = new InventionFinder(environment);

	const waiting = job.trials.values();
	let failed = false;
	const talk = async () => {
		for (const { scenario: id, trial } of waiting) {
			const scenario = scenarios.get(id);
			if (!scenario) throw new Error(`"${environment.id}" has no scenario ${id}`);
			const started = performance.now();
			const conversation = await converse({
				environment,
				scenario,
				agent,
				user,
				seed: settings.seed,
				trial,
				...(signal && { signal })
			});
			if (failed) return;
			const seconds = (performance.now() - started) / 1000 / atOnce;
			const invented = finder.find(scenario, conversation.transcript).length;
			const row = trialRow(scenario, trial, conversation, { invented, seconds });
			await onTrial({ row, transcript: conversation.transcript });
		}
	};
	await Promise.all(
		Array.from({ length: atOnce }, () =>
			talk().catch((error: unknown) => {
				failed = true;
				throw error;
			})
		)
	);
}
