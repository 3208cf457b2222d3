import type { EvaluationService } from '../run/evaluation-service.ts';
import type { RunService } from '../run/run-service.ts';

/** What automation finds at `globalThis.joshtree`; see README.md. */
export interface Door {
	/** Resolves when the service answers and the environment is known; rejects with what went wrong. */
	readonly ready: Promise<void>;
	readonly service: RunService;
	readonly evaluation: EvaluationService;
}

declare global {
	var joshtree: Door | undefined;
}
