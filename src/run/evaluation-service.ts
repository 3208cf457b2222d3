import type { Trial, TrialId } from '../evaluation/trial.ts';
import type { TrialSettings } from './trials.ts';

/** Conversations that are to be had. All addresses are on the own origin. */
export interface EvaluationRequest {
	/** GGUF files; equal addresses mean one model in both roles. */
	readonly agentModel: string;
	readonly userModel: string;
	readonly pack: string;
	readonly settings: TrialSettings;
	readonly trials: readonly TrialId[];
	/** Engines that work side by side. */
	readonly workers: number;
}

/** What the headless command asks of the worker that evaluates. */
export interface EvaluationService {
	/**
	 * Resolves when all conversations were told.
	 * @throws {ModelLoadError} {@link PackError}
	 */
	evaluate(request: EvaluationRequest, onTrial: (trial: Trial) => void | Promise<void>): Promise<void>;
}
