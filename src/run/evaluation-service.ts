import type { Trial, TrialId } from '../evaluation/trial.ts';
import type { ModelSource, RoleModels } from '../models/source.ts';
import type { TrialSettings } from './trials.ts';

/** Conversations that are to be had. */
export interface EvaluationRequest {
	/** Equal sources mean one model in both roles. */
	readonly models: RoleModels<ModelSource>;
	/** By the address of the server that wants it. */
	readonly keys?: Readonly<Record<string, string>>;
	/** JSON text of the environment pack. */
	readonly pack: string;
	readonly settings: TrialSettings;
	readonly trials: readonly TrialId[];
	/** Engines that work side by side; requests side by side where a model is on a server. */
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
